import { describe, expect, it } from 'vitest';
import { makeTotpSecret, TotpGate, totpAddress, totpCode } from '../../../core/shell/access/totp.ts';

/** `12345678901234567890`, the secret of RFC 6238. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const stepMs = 30_000;

describe('a one-time password', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at second %d is that of RFC 6238, Appendix B: %s', (second, code) => {
    expect(totpCode(secret, second * 1000)).toBe(code);
  });

  it('is taken one step early and one step late, and no further', () => {
    const at = 1_800_000_000_000;
    const code = totpCode(secret, at);
    for (const [away, taken] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      expect(new TotpGate().matches(secret, code, at + away * stepMs), String(away)).toBe(taken);
    }
  });

  it('is good for once, and no older one is good after it', () => {
    const gate = new TotpGate();
    const at = 1_800_000_000_000;
    expect(gate.matches(secret, totpCode(secret, at), at)).toBe(true);
    expect(gate.matches(secret, totpCode(secret, at), at)).toBe(false);
    expect(gate.matches(secret, totpCode(secret, at), at + stepMs)).toBe(false);
    expect(gate.matches(secret, totpCode(secret, at - stepMs), at)).toBe(false);
    expect(gate.matches(secret.toLowerCase(), totpCode(secret, at), at)).toBe(false);
    expect(gate.matches(secret, totpCode(secret, at + stepMs), at + stepMs)).toBe(true);
  });

  it('of one user says nothing about another', () => {
    const gate = new TotpGate();
    const [one, other] = [makeTotpSecret(), makeTotpSecret()];
    expect(one).toMatch(/^[A-Z2-7]{32}$/);
    expect(one).not.toBe(other);
    expect(gate.matches(one, totpCode(one, 0), 0)).toBe(true);
    expect(gate.matches(other, totpCode(other, 0), 0)).toBe(true);
  });

  it.each(['', '12345', '1234567', 'abcdef', '۱۲۳۴۵۶', '-12345', '1e5000'])('%j is none', (code) => {
    expect(new TotpGate().matches(secret, code, 0)).toBe(false);
  });

  it.each(['', 'short', '01890189018901890189', 'GEZDGNBV!Y3TQOJQ'])(
    'with the damaged secret %j lets nobody in',
    (damaged) => {
      for (let code = 0; code < 1_000; code++) {
        expect(new TotpGate().matches(damaged, String(code).padStart(6, '0'), 0)).toBe(false);
      }
    },
  );

  it('has an address that an authenticator understands, whatever the names are', () => {
    const address = new URL(totpAddress('anna', 'büro & co', secret));
    expect(address.protocol).toBe('otpauth:');
    expect(decodeURIComponent(address.pathname)).toBe('/Holdfast büro & co:anna');
    expect(address.searchParams.get('secret')).toBe(secret);
    expect(address.searchParams.get('issuer')).toBe('Holdfast büro & co');
  });
});
