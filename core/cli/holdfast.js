#!/usr/bin/env node
// Plain JavaScript for any Node from 18 on: finds a Node that can run Holdfast, then hands over to it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';

const needsMajor = 24;
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));

const major = Number(process.versions.node.split('.')[0]);
if (major >= needsMajor) await start();
else rerun();

/** Runs the program in this very process. */
async function start() {
  // Warnings that Node gives about its own features tell an administrator nothing.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
  // The space for what lives shortly would grow to 128 MiB and stay there; kept small, it is collected more often.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // Node strips types with WebAssembly; V8 can crash where one thread frees its code while another registers compiled code.
  v8.setFlagsFromString('--no-wasm-code-gc');
  // A folder of the user's own: the default one below /tmp could be laid out by somebody else.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  module.enableCompileCache(join(cache, 'holdfast', 'compile'));
  const source = join(root, 'core', 'main.ts');
  const packed = here.split(sep).includes('node_modules') || !existsSync(source);
  const { main } = await import(pathToFileURL(packed ? join(root, 'dist', 'core', 'main.js') : source).href);
  // What stays open for long may be killed: what was compiled is kept before that.
  setTimeout(() => module.flushCompileCache?.(), 3_000).unref();
  await main(process.argv.slice(2), { root });
}

const restored = '\x1b[?1002l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m\r\n';

/** Runs this file again under a newer Node, as if the caller had started that one. */
function rerun() {
  const node = newerNode();
  if (node === null) {
    process.stderr.write(
      `holdfast: needs Node ${needsMajor} or later, this is ${process.versions.node}: install Node ${needsMajor} (https://nodejs.org), then run this again\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [process.argv[1], ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, HOLDFAST_LAUNCHER_PID: String(process.pid) },
  });
  const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
  const pass = (signal) => child.kill(signal);
  for (const signal of passed) process.on(signal, pass);
  child.on('error', (error) => {
    process.stderr.write(`holdfast: cannot start ${node}: ${error.message}: run npm ci again\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const name of passed) process.removeListener(name, pass);
    // Killed, it could not give the terminal back: main screen, cursor, no mouse, no paste mode.
    if (signal === 'SIGKILL' && process.stdout.isTTY) process.stdout.write(restored);
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

/** The Node that the optional dependency brings, in this package's own `node_modules` or in one above it. */
function newerNode() {
  const name = `node-${process.platform}-${process.arch}`;
  for (let folder = root; ; folder = dirname(folder)) {
    for (const modules of [join(folder, 'node_modules'), folder]) {
      const node = join(modules, name, 'bin', 'node');
      if (existsSync(node)) return node;
    }
    if (dirname(folder) === folder) return null;
  }
}
