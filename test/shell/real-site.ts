import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandResult, Plain } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { contentHash } from '../../core/host/manifest/fingerprint.ts';
import { TrustStore } from '../../core/host/trust/trust-store.ts';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import type { ShellCommand } from '../../core/shell/contract.ts';
import { executeCommand } from '../../core/shell/registry/execute.ts';
import { type Surroundings, WiredSite } from '../../core/shell/site/wired-site.ts';

const root = join(import.meta.dirname, '../..');

/** An installation in a folder of its own, with the real parts and the shipped plugins. The clock stands still. */
export class RealSite implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
  readonly call = makeCall({ who: 'test' });
  now = Date.parse('2026-11-22T12:00:00Z');
  readonly #sites: WiredSite[] = [];

  /** @param config What the person's configuration says. */
  constructor(config: object = {}) {
    this.write('config/holdfast.config.json', JSON.stringify(config));
  }

  write(path: string, content: string | object): string {
    const file = join(this.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  /** Adds a plugin of a stranger's. Answers its folder. */
  addPlugin(name: string, files: Readonly<Record<string, string | object>>, isTrusted: boolean): string {
    for (const [path, content] of Object.entries(files)) this.write(`data/plugins/${name}/${path}`, content);
    const folder = join(this.home, 'data/plugins', name);
    if (isTrusted) new TrustStore(join(this.home, 'data/plugins')).trust(name, contentHash(folder));
    return folder;
  }

  /** The installation as a process that starts now sees it. */
  open(): WiredSite {
    const around: Surroundings = {
      root,
      code: root,
      cwd: this.home,
      env: { HOME: this.home },
      invocation: 'holdfast',
      globals: { config: null, home: this.home },
      log: () => {},
      isQuick: () => true,
      frontCommands: [],
      sessions: null,
      now: () => this.now,
    };
    const actor = { name: 'test', roles: ['administrator'], from: 'local', session: 'cli' } as const;
    const site = new WiredSite(around, { actor, ask: null, out: null });
    this.#sites.push(site);
    return site;
  }

  /** Runs a command as the fronts do. */
  async run(site: WiredSite, id: string, args: Readonly<Record<string, Plain>> = {}): Promise<CommandResult> {
    return executeCommand(site, commandNamed(id), args, this.call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const site of this.#sites) await site[Symbol.asyncDispose]();
    rmSync(this.home, { recursive: true, force: true });
  }
}

export function commandNamed(id: string): ShellCommand {
  const found = builtInCommands.find((command) => command.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
