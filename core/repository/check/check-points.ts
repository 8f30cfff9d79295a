import { commitName } from '../documents/names.ts';
import type { Committed } from '../points/commit-document.ts';
import type { Manifest } from '../points/manifest.ts';
import type { CheckedDocuments } from './check-documents.ts';
import { type DamageReport, wholePoint } from './damage-report.ts';

/** A restore point that is there as far as its documents go. */
export interface CheckedPoint {
  readonly commit: Committed;
  readonly manifest: Manifest;
}

/** Sees to it that every restore point that was committed and not forgotten has the very manifest that was committed, and one before it. */
export function checkPoints(found: CheckedDocuments, report: DamageReport): CheckedPoint[] {
  const points: CheckedPoint[] = [];
  for (const commit of found.commits.filter(({ lease }) => !found.forgotten.has(lease))) {
    const manifest = manifestOf(commit, found, report);
    if (manifest === null) report.concern(commit.manifest, wholePoint(commit.lease));
    else points.push({ commit, manifest });
  }
  const forgottenHashes = new Set([...found.forgotten.values()].map((forget) => forget.sha256));
  for (const { manifest } of points) checkPrevious(manifest, found, forgottenHashes, report);
  return points;
}

function manifestOf(commit: Committed, found: CheckedDocuments, report: DamageReport): Manifest | null {
  const there = found.manifests.get(commit.manifest);
  if (there === undefined) {
    report.add(commit.manifest, 'missing', `the manifest of restore point ${commit.lease} is not there`);
    return null;
  }
  if (there.sha256 === commit.sha256 && there.manifest.point === commit.lease) return there.manifest;
  report.add(
    commit.manifest,
    'damaged',
    `it is not the manifest that restore point ${commit.lease} was committed with`,
  );
  return null;
}

function checkPrevious(
  manifest: Manifest,
  found: CheckedDocuments,
  forgottenHashes: ReadonlySet<string>,
  report: DamageReport,
): void {
  const { previous, point } = manifest;
  if (previous === null || report.has(previous.name)) return;
  const there = found.manifests.get(previous.name);
  if (there === undefined) {
    if (forgottenHashes.has(previous.sha256)) return;
    report.add(previous.name, 'missing', `the chain is broken: restore point ${point} names it as the one before`);
  } else if (there.sha256 !== previous.sha256) {
    report.add(previous.name, 'damaged', `the chain is broken: it is not the one that restore point ${point} names`);
  } else checkCommitOf(there.manifest.point, point, found, report);
}

/** What another restore point was built upon had been committed: a commit that is gone took a restore point with it. */
function checkCommitOf(before: string, after: string, found: CheckedDocuments, report: DamageReport): void {
  const name = commitName(before);
  if (report.has(name) || found.forgotten.has(before)) return;
  if (found.commits.some(({ lease }) => lease === before)) return;
  report.add(name, 'missing', `restore point ${after} was built upon ${before}, whose commit is gone`);
  report.concern(name, wholePoint(before));
}
