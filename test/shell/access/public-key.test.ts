import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { looksLikeKey, parsePublicKey } from '../../../core/shell/access/public-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A public key as `ssh-keygen` makes it. */
function made(type: string, bits: number, comment = 'anna@laptop'): { text: string; file: string } {
  const file = join(folder, `${type}-${bits}-${comment}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-b', String(bits), '-N', '', '-C', comment, '-f', file]);
  return { text: readFileSync(`${file}.pub`, 'utf8'), file };
}

const part = (bytes: Buffer | string): Buffer => {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const line = (type: string, ...parts: readonly (Buffer | string)[]): string =>
  `${type} ${Buffer.concat([part(type), ...parts.map(part)]).toString('base64')}`;

describe('a public key', () => {
  it.each([
    ['ed25519', 256],
    ['ecdsa', 256],
    ['ecdsa', 384],
    ['ecdsa', 521],
    ['rsa', 3072],
  ])(
    'of type %s with %d bits is taken as ssh-keygen makes it, with the fingerprint that ssh-keygen shows',
    (type, bits) => {
      const { text, file } = made(type, bits);
      const key = parsePublicKey(text);
      expect(key.line).toBe(text.trim());
      expect(key.bits).toBe(bits);
      expect(execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' })).toContain(
        `${bits} ${key.fingerprint} `,
      );
      expect(looksLikeKey(text)).toBe(true);
    },
  );

  it('of RSA with fewer than 3,072 bits is refused, by one bit too', () => {
    expect(() => parsePublicKey(made('rsa', 2048).text)).toThrow(/2048 bits/);
    const n = Buffer.alloc(384, 0xff);
    n[0] = 0x7f;
    expect(() => parsePublicKey(line('ssh-rsa', Buffer.from([1, 0, 1]), n))).toThrow(/3071 bits/);
  });

  it('with options, of a certificate, of DSA, of a security token or of no known type is refused with what to do', () => {
    const { text } = made('ed25519', 256, 'options');
    for (const options of ['command="/bin/sh" ', 'from="10.0.0.0/8",no-pty ', 'restrict ']) {
      expect(() => parsePublicKey(options + text), options).toThrow(/options before the key are not taken/);
    }
    expect(() => parsePublicKey('ssh-ed25519-cert-v01@openssh.com AAAA')).toThrow(/certificates/);
    expect(() => parsePublicKey('ssh-dss AAAA')).toThrow(/DSA/);
    expect(() => parsePublicKey('sk-ssh-ed25519@openssh.com AAAA')).toThrow(/security tokens/);
    expect(() => parsePublicKey('')).toThrow(/ssh-ed25519, ecdsa/);
  });

  it('that is a private one is refused without being repeated', () => {
    const text = readFileSync(made('ed25519', 256, 'private').file, 'utf8');
    const secret = text.split('\n')[2] ?? 'none';
    const problem = (() => {
      try {
        return parsePublicKey(text);
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(problem).toMatchObject({ code: 'USAGE', message: expect.stringContaining('private key') });
    expect(JSON.stringify(problem) + String(problem)).not.toContain(secret);
  });

  it.each([
    ['base64 with a changed sign', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI*'],
    ['base64 that is not in its one form', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE==='],
    ['a type inside that is another', line('ssh-rsa', 'x').replace('ssh-rsa', 'ssh-ed25519')],
    ['31 bytes', line('ssh-ed25519', Buffer.alloc(31))],
    ['something behind it', line('ssh-ed25519', Buffer.alloc(32), 'more')],
    [
      'a length beyond its end',
      `ssh-ed25519 ${Buffer.concat([part('ssh-ed25519'), Buffer.from([0xff, 0xff, 0xff, 0xff])]).toString('base64')}`,
    ],
    [
      'a point that is not on the curve',
      line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])),
    ],
    ['a curve of another name', line('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(65, 4))],
    ['a negative modulus', line('ssh-rsa', Buffer.from([3]), Buffer.alloc(384, 0xff))],
    ['an even exponent', line('ssh-rsa', Buffer.from([4]), Buffer.concat([Buffer.from([0]), Buffer.alloc(384, 0xff)]))],
    ['two lines', 'ssh-ed25519 AAAA\nssh-ed25519 AAAA'],
    ['a megabyte', `ssh-rsa ${'A'.repeat(1 << 20)}`],
  ])('with %s is refused', (_what, text) => {
    expect(() => parsePublicKey(text)).toThrow(/this is no public key that is taken/);
  });

  it('with signs in its base64 that a careless reader passes over is refused', () => {
    const [type = '', base64 = ''] = made('ed25519', 256, 'noise').text.split(' ');
    for (const noise of ['*', '\u00e9', '=', '-_']) {
      expect(() => parsePublicKey(`${type} ${base64.slice(0, 40)}${noise}${base64.slice(40)}`), noise).toThrow(
        /damaged/,
      );
    }
  });

  it('that is random bytes is refused, 2,000 times, and nothing else happens', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const good = Buffer.concat([part('ssh-ed25519'), part(Buffer.from(x, 'base64url'))]);
    for (let round = 0; round < 2_000; round++) {
      const bytes = Buffer.from(good);
      const at = Math.floor(Math.random() * 19);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8));
      expect(() => parsePublicKey(`ssh-ed25519 ${bytes.toString('base64')}`)).toThrow(/no public key/);
    }
  });

  it('has a comment without anything that acts on a terminal', () => {
    const { text } = made('ed25519', 256, 'x');
    const [type = '', base64 = ''] = text.split(' ');
    expect(parsePublicKey(`${type} ${base64} evil\x1b[2J\u202e ${'y'.repeat(300)}`).comment).toMatch(
      /^evil\?\[2J\? y{80,}$/,
    );
  });
});
