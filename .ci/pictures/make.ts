/** Makes the pictures of the README from the real program: a sample installation, a pseudo-terminal, keys. `node .ci/pictures/make.ts` */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import unicode from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import { svgOf } from './svg.ts';

interface Pty {
  onData(listener: (text: string) => void): void;
  write(text: string): void;
  kill(): void;
}
const { spawn } = createRequire(import.meta.url)('node-pty') as {
  spawn(file: string, args: readonly string[], options: object): Pty;
};

const root = join(import.meta.dirname, '../..');
const pictures = join(root, 'docs', 'pictures');
const home = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
const env = {
  PATH: process.env.PATH ?? '',
  HOME: home,
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
  COLORTERM: 'truecolor',
};
const program = join(root, 'core/cli/holdfast.js');
const run = (...words: readonly string[]): void =>
  void execFileSync(process.execPath, [program, ...words], { env, cwd: home, stdio: 'ignore' });

/** Opens the program, presses keys, waits for what shall be there, and keeps the picture. */
async function picture(
  name: string,
  keys: readonly (string | RegExp)[],
  size: { readonly columns: number; readonly rows: number } = { columns: 100, rows: 28 },
): Promise<void> {
  const { columns, rows } = size;
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  terminal.loadAddon(new unicode.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const pty = spawn(process.execPath, [program], { cols: columns, rows, cwd: home, env });
  pty.onData((text) => terminal.write(text));
  const text = (): string =>
    Array.from({ length: rows }, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true)).join('\n');
  for (const key of keys) {
    if (typeof key === 'string') pty.write(key);
    else {
      for (let waited = 0; !key.test(text()); waited += 100) {
        if (waited > 30_000) throw new Error(`${name}: ${key} is not shown:\n${text()}`);
        await wait(100);
      }
    }
    await wait(400);
  }
  await wait(1_200);
  writeFileSync(join(pictures, `${name}.svg`), svgOf(terminal, `Holdfast: ${name}`));
  pty.kill();
  console.log(`${name}.svg`);
}

try {
  mkdirSync(pictures, { recursive: true });
  await picture('welcome', [/Welcome to Holdfast/]);
  const machines = join(home, 'machines');
  for (const name of ['web-07', 'erp-db', 'mail-01'])
    run('lab', 'make', name, '--folder', machines, '--size', '24M', '--yes');
  run('endpoint', 'add', 'lab', '--use', 'kvm', '--path', machines, '--yes');
  run('init', '--target', 'main', '--path', join(home, 'backup'), '--recovery-file', join(home, 'words'), '--yes');
  for (let day = 0; day < 4; day++) {
    run('protect', 'web-07', 'erp-db', '--yes');
    run('lab', 'change', 'web-07', '--folder', machines, '--yes');
  }
  await picture('overview', [/Needs you/]);
  await picture('machines', ['2', /web-07/]);
  await picture('compose', ['2', /mail-01/, 'p', /Plan for/]);
  const machinesOf = ['--name', 'erp-*', '--name', 'mail-*'];
  const how = ['--template', 'silver', '--quiesce', 'none', '--to', 'main'];
  run('policy', 'set', 'silver', ...how, ...machinesOf, '--apply', '--yes');
  await picture('policies', ['6', /silver/]);
  await picture('policy', ['6', /silver/, 'e', /changes what is in/, /Can be applied/], { columns: 110, rows: 40 });
  await picture('restore', ['2', /web-07/, 'jj', 'r', /Restore web-07/, /write web-07/]);
  await picture('palette', ['2', /web-07/, '\u0010', /Find and run/, 'rest', /Restore a machine/]);
  await picture('runs', ['3', /protect/, '\r', /Log/]);
  await picture('phone', ['2', /web-07/], { columns: 60, rows: 20 });
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
