import type { Call, ObjectStore } from '@holdfast/api';
import { readObject } from '../documents/read-object.ts';
import { FORMAT_OBJECT, MAX_FORMAT_BYTES, type RepositoryFormat, sha256Hex } from '../format/repository-format.ts';
import { keyName } from '../keys/key-object.ts';
import { readKeys } from '../keys/key-ring.ts';
import { type DamageReport, damageOf } from './damage-report.ts';

/** Whether `format.json` is still the one that this repository was opened with, and which keys are whole. */
export async function checkKeys(
  store: ObjectStore,
  format: RepositoryFormat,
  report: DamageReport,
  call: Call,
): Promise<void> {
  try {
    const bytes = await readObject(store, FORMAT_OBJECT, MAX_FORMAT_BYTES, call);
    if (sha256Hex(bytes) !== format.sha256) {
      report.add(FORMAT_OBJECT, 'damaged', `${FORMAT_OBJECT} is not the one that the keys were made for`);
    }
  } catch (failure) {
    const damage = damageOf(failure);
    if (damage === null) throw failure;
    report.add(FORMAT_OBJECT, damage.kind, damage.failure.message);
  }
  const { keys, bad, foreign } = await readKeys(store, format.suite.repositoryId, call);
  for (const { object, failure } of bad) report.add(object, 'damaged', failure.message);
  for (const { info } of foreign) report.add(keyName(info.id), 'foreign', 'a key of another repository');
  if (keys.length > 0) return;
  const why = 'no whole key is left: once this process ends, nothing opens the repository';
  report.add('keys/', 'missing', why);
}
