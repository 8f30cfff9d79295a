import { type Call, throwIfCancelled } from '@holdfast/api';
import { manifestName, randomId } from '../documents/names.ts';
import type { Lease } from '../leases/lease.ts';
import type { Committed } from '../points/commit-document.ts';
import { commitPoint } from '../points/commit-point.ts';
import { machineFolder } from '../points/machine-folder.ts';
import { type Manifest, type ManifestDisk, parseManifest } from '../points/manifest.ts';
import { newestOfEach } from '../points/point-order.ts';
import type { PointOrigin } from './contract.ts';
import type { Inside } from './inside.ts';

/** What has been copied, and is durable. */
export interface Copied {
  readonly original: Manifest;
  readonly origin: PointOrigin;
  readonly disks: readonly ManifestDisk[];
  readonly runs: readonly string[];
  readonly storedBytes: number;
}

/** Makes a copy exist. Throws `LEASE_LOST` when a collector was first. */
export async function commitCopy(into: Inside, lease: Lease, copied: Copied, call: Call): Promise<void> {
  const { documents, secrets, format, terms } = into;
  const { original, origin } = copied;
  const { endpoint, machine } = original;
  lease.assertHeld();
  const name = manifestName(machineFolder({ endpoint, id: machine.id }, secrets, format.suite.hash), randomId());
  const manifest: Manifest = {
    version: 1,
    point: lease.id,
    previous: await previous(into, original, call),
    endpoint,
    machine,
    takenAt: original.takenAt,
    consistency: original.consistency,
    frozenMs: original.frozenMs,
    run: original.run,
    writtenAt: terms.now(),
    storedBytes: copied.storedBytes,
    origin,
    disks: copied.disks,
  };
  // A manifest that could not be read back must not be committed.
  const sealed = documents.seal(name, parseManifest(JSON.parse(JSON.stringify(manifest)), `the copy ${lease.id}`));
  await lease.stopRenewing();
  throwIfCancelled(call.signal, 'the commit');
  const commit: Committed = {
    version: 1,
    lease: lease.id,
    state: 'committed',
    manifest: name,
    sha256: sealed.sha256,
    runs: copied.runs,
    committedAt: terms.now(),
  };
  await commitPoint(documents, sealed, commit, call);
}

async function previous(into: Inside, { endpoint, machine }: Manifest, call: Call): Promise<Manifest['previous']> {
  const { points } = await into.points.list(call);
  const ours = points.filter(({ summary }) => summary.endpoint === endpoint && summary.machine === machine.id);
  const [newest] = newestOfEach(ours).values();
  return newest === undefined ? null : { name: newest.commit.manifest, sha256: newest.commit.sha256 };
}
