import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeyPair } from '../../../core/server/key-pair.ts';
import { openServer } from '../../../core/server/open.ts';
import type { Tty } from '../../../core/server/tty.ts';
import { colourDepth } from '../../../core/terminal/screen/colour-depth.ts';
import { openWorkbench } from '../../../core/terminal/workbench/open.ts';
import { AuditedHere, KnownUsers, PatternPoints } from '../../server/fakes.ts';
import { largeDesk } from './desk.ts';

/** What the server tells once it listens. */
export interface Ready {
  readonly port: number;
  readonly key: string;
}

/** What it tells when it is asked, since it was asked the last time. */
export interface Usage {
  readonly residentBytes: number;
  readonly cpuMs: number;
  /** Most bytes that any one client had not taken. */
  readonly mostQueuedBytes: number;
  readonly sessions: number;
}

const lookMs = 5;

/** The real SSH server with real workbenches; users, audit and desk are in memory. Ends when its parent does. */
export async function serve(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-server-'));
  const users = new KnownUsers();
  const pair = newKeyPair();
  await users.saveUser({ name: 'alice', roles: ['administrator'], keys: [pair.public], totp: false, addedAt: 0 });
  const open = new Set<Tty>();
  const server = await openServer({
    listen: { host: '127.0.0.1', port: 0 },
    dataFolder: folder,
    access: users,
    audit: new AuditedHere(),
    deskFor: (actor) => largeDesk(actor),
    openWorkbench: (tty, desk) => {
      open.add(tty);
      tty.onClose(() => void open.delete(tty));
      return openWorkbench({ tty, desk });
    },
    openPlain: async () => 0,
    execute: async () => 0,
    points: new PatternPoints([]),
    verifyTotp: async () => false,
    colourDepth: (term) => colourDepth(term, {}),
    limits: { idleMs: 0 },
    log: () => {},
    now: () => Date.now(),
  });
  let mostQueuedBytes = 0;
  const look = setInterval(() => {
    for (const { pendingBytes } of open) mostQueuedBytes = Math.max(mostQueuedBytes, pendingBytes);
  }, lookMs);
  let before = process.cpuUsage();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const usage: Usage = {
      residentBytes: process.memoryUsage.rss(),
      cpuMs: (user + system) / 1000,
      mostQueuedBytes,
      sessions: open.size,
    };
    mostQueuedBytes = 0;
    process.send?.(usage);
  });
  const leave = async (): Promise<void> => {
    clearInterval(look);
    await server.close();
    await rm(folder, { recursive: true, force: true });
    process.exit();
  };
  process.once('disconnect', () => void leave());
  process.send?.({ port: server.port, key: pair.private } satisfies Ready);
}
