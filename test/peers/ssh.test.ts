import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingPeers } from './guest/run.ts';
import { startSshd } from './guest/sshd.ts';
import { leftovers } from './kinds/kind.ts';
import { LibvirtKind } from './kinds/libvirt.ts';
import { ExportedDisk } from './proof.ts';
import { outcome, protect, quiesced } from './protected.ts';
import { begin, thawed } from './world.ts';

const missing = missingPeers(['nbdinfo', 'libvirtd', 'virsh', 'sshd', 'ssh-keygen']);
const disk = { sizeBytes: 48 * 1024 * 1024, format: 'qcow2', files: { 'known/one.txt': 'known' } } as const;

test('the SSH link cut in mid-run: the run goes on over another link, and nothing is left', async (ctx) => {
  if (missing !== null) ctx.skip(missing);
  await using world = await begin(() => LibvirtKind.start('ssh'), [disk]);
  const { kind, installation, guest } = world;
  const run = installation.start('protect', 'web', ...quiesced);
  await run.says('froze');
  run.child.kill('SIGSTOP');
  await kind.ssh?.cut();
  run.child.kill('SIGCONT');
  expect(await run.ended).toMatchObject({ code: 0 });
  await thawed(guest, 5_000);
  const made = await outcome(installation);
  console.log(`link cut in mid-run: ${made}`);
  expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  await using exported = await ExportedDisk.of(installation, made.point, 'vda');
  expect(await exported.complaints()).toBeNull();
});

test('the SSH link cut between freeze and thaw: the guest goes on within its limit, thawed by the watchdog on the host', async (ctx) => {
  if (missing !== null) ctx.skip(missing);
  await using world = await begin(() => LibvirtKind.start('ssh'), [disk]);
  const { kind, installation, guest } = world;
  const hold = await kind.hold();
  const run = installation.start('protect', 'web', ...quiesced, '--set', 'snapshot.freezeSeconds=6');
  await hold.reached;
  // The server is gone, so that no new link can be made either.
  const port = kind.ssh?.port ?? 0;
  await kind.ssh?.close();
  console.log(`link cut while frozen: the guest wrote again after ${await thawed(guest, 6_000)} ms`);
  const ended = await run.ended;
  // Whatever is asked next finds nobody there, or what was under way never gets its answer: the one is said to be unreachable, the other to have taken too long.
  expect([1, 7]).toContain(ended.code);
  expect(ended.stderr).toContain(ended.code === 7 ? '[TIMEOUT]' : '[ENDPOINT_UNREACHABLE]');
  await hold.release();

  kind.ssh = await startSshd(join(kind.folder, 'ssh'), { port, env: kind.remoteEnv });
  await protect(installation, 'web');
  expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
});

test('a host that shows another key is refused, with both fingerprints', async (ctx) => {
  if (missing !== null) ctx.skip(missing);
  await using world = await begin(() => LibvirtKind.start('ssh'), []);
  const { kind, installation } = world;
  const agreed = kind.ssh?.hostKeyFingerprint ?? '';
  const port = kind.ssh?.port ?? 0;
  await kind.ssh?.close();
  for (const name of ['host_key', 'host_key.pub']) await rm(join(kind.folder, 'ssh', name));
  kind.ssh = await startSshd(join(kind.folder, 'ssh'), { port, env: kind.remoteEnv });
  const shown = kind.ssh.hostKeyFingerprint;
  expect(shown).not.toBe(agreed);
  const ended = await installation.run('endpoint', 'check', 'live');
  console.log(`host key changed: ${ended.stderr.trim()} ${ended.stdout.trim()}`);
  expect(ended.code).not.toBe(0);
  expect(ended.stderr + ended.stdout).toContain(agreed);
  expect(ended.stderr + ended.stdout).toContain(shown);
});
