import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Call, HoldfastError, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import type { Unlock } from '../contract.ts';
import type { KeyRotation } from '../copy/contract.ts';
import { sealDocument } from '../documents/sealed-document.ts';
import type { RepositorySecrets } from '../suite.ts';
import { generationName, type ListedGenerations, listGenerations, parseGeneration, readyName } from './generations.ts';
import { type KeyObject, keyName } from './key-object.ts';
import { MAX_KEYS, readKeys } from './key-ring.ts';
import type { LiveKeys } from './live-keys.ts';
import { makePassphraseKey, makeRecoveryKey } from './make-keys.ts';
import { type OpenedKey, openEveryKey } from './open-every-key.ts';
import { generatedCost, type PassphraseCost } from './passphrase.ts';
import { recoveryKeyOf } from './recovery-words.ts';
import { joined } from './unlock.ts';

/** What a rotation works with. */
export interface RotationParts {
  readonly store: ObjectStore;
  readonly repositoryId: string;
  readonly live: LiveKeys;
  readonly cost: PassphraseCost;
  readonly now: () => number;
}

/** Numbers that are tried when others take them at the same time. */
const MOST_TRIES = 64;

/**
 * Makes a new generation of the master key; see `Repository.rotateKeys`. What was begun and broken off is gone on with.
 * @param secrets One for every key that there is.
 * @throws `KEY_SECRET_MISSING` naming the keys whose secret was not given, `KEY_NOT_FOUND` when one was removed meanwhile, `KEY_TOO_MANY`,
 *   `PASSPHRASE_WRONG`, `RECOVERY_WORDS_WRONG`, `REPOSITORY_DAMAGED`.
 * @see docs/formats/repository.md §4, Rotation
 */
export async function rotateKeys(parts: RotationParts, secrets: readonly Unlock[], call: Call): Promise<KeyRotation> {
  const { store, live, now } = parts;
  await live.learn(call);
  live.assertComplete();
  const { opened, ids } = await openEveryKey(store, parts.repositoryId, live.formatSha256, secrets, call);
  const held = opened.reduce((all, { payload }) => joined(all, payload.secrets), live.secrets);
  const listed = await listGenerations(store, call);
  const isPending = held.current > live.secrets.current && !listed.ready.includes(held.current);
  refuseTooMany(opened, ids.length, isPending ? held : null);
  const startedAt = now();
  const number = isPending ? held.current : await takeNumber(parts, held, listed, startedAt, call);
  const generations = { ...held.generations, [number]: held.generations[number] ?? randomBytes(32) };
  const next: RepositorySecrets = { family: held.family, generations, current: number };

  const { fresh, old } = await writeAnew(parts, opened, next, call);
  // Keys that came meanwhile hold less, and cannot be written anew without their secret.
  await refuseOthers(parts, new Set([...ids, ...fresh.values()]), call);
  await refuseRemoved(parts, opened, { number, fresh }, call);
  throwIfCancelled(call.signal, 'rotating the keys');
  await putReady(parts, next, startedAt, call);
  await live.adopt(generations, number);
  for (const id of old) await removeOld(store, id, call);
  return { generation: number };
}

/** Takes a number that nobody has had. */
async function takeNumber(
  { store, repositoryId, live }: RotationParts,
  held: RepositorySecrets,
  { taken, ready }: ListedGenerations,
  startedAt: number,
  call: Call,
): Promise<number> {
  const first = Math.max(held.current, ...taken, ...ready) + 1;
  for (let number = first; ; number++) {
    const name = generationName(number);
    const note = { version: 1, generation: number, startedAt };
    try {
      const sealed = sealDocument(name, note, { repositoryId, secrets: live.secrets });
      await store.put(name, sealed, { ifAbsent: true }, call);
      return number;
    } catch (failure) {
      if (!isHoldfastError(failure, 'OBJECT_EXISTS') || number - first >= MOST_TRIES) throw failure;
    }
  }
}

/** Whether a key holds all generations. */
const isWhole = ({ payload }: OpenedKey, { generations }: Pick<RepositorySecrets, 'generations'>): boolean =>
  Object.keys(generations).every((number) => payload.secrets.generations[Number(number)] !== undefined);

/** More keys than are read would keep everybody out. `pending` is what those that need not be written anew hold. */
function refuseTooMany(opened: readonly OpenedKey[], there: number, pending: RepositorySecrets | null): void {
  const done = new Set(pending === null ? [] : opened.filter((key) => isWhole(key, pending)).map(nameOf));
  const fresh = new Set(opened.map(nameOf).filter((name) => !done.has(name))).size;
  if (there + fresh <= MAX_KEYS) return;
  throw new HoldfastError(
    'KEY_TOO_MANY',
    `the repository has ${there} key objects, and with ${fresh} new ones it would have more than the ${MAX_KEYS} that are read`,
    { remedy: 'remove the older ones of each name with `holdfast repository key remove`, then rotate again' },
  );
}

/** Puts a key with all generations for each that lacks one. Answers what was put, by the name of the key, and what it replaces. */
async function writeAnew(
  parts: RotationParts,
  opened: readonly OpenedKey[],
  next: RepositorySecrets,
  call: Call,
): Promise<{ readonly fresh: ReadonlyMap<string, string>; readonly old: readonly string[] }> {
  const fresh = new Map<string, string>();
  const done = new Set(opened.filter((key) => isWhole(key, next)).map(nameOf));
  const old = opened.filter((key) => !isWhole(key, next));
  for (const key of old) {
    throwIfCancelled(call.signal, 'rotating the keys');
    // A rotation that was broken off may have left an older and a newer one of the same key.
    if (done.has(nameOf(key))) continue;
    done.add(nameOf(key));
    const made = await make(parts, key, next);
    await parts.store.put(keyName(made.id), made.bytes, { ifAbsent: true }, call);
    fresh.set(nameOf(key), made.id);
  }
  return { fresh, old: old.map(({ key }) => key.info.id) };
}

/** Two key objects with the same secret and label are one key. */
const nameOf = ({ secret, key }: OpenedKey): string => `${secret}/${key.info.kind}/${key.info.label}`;

async function make(
  { repositoryId, live, cost, now }: RotationParts,
  { key, unlock }: OpenedKey,
  secrets: RepositorySecrets,
): Promise<{ readonly id: string; readonly bytes: Uint8Array }> {
  const payload = { secrets, formatSha256: live.formatSha256 };
  const note = { repository: repositoryId, label: key.info.label, createdAt: now() };
  if (unlock.passphrase !== undefined) {
    const { passphrase } = unlock;
    return makePassphraseKey({ passphrase, isGenerated: isForGenerated(key) }, cost, payload, note);
  }
  return makeRecoveryKey(payload, note, recoveryKeyOf(unlock.recoveryWords ?? ''));
}

/** A key that was made for a generated passphrase stays as cheap to try as it was. */
const isForGenerated = ({ lock }: KeyObject): boolean =>
  lock.kind === 'passphrase' && isDeepStrictEqual(lock.cost, generatedCost);

async function refuseOthers(
  { store, repositoryId }: RotationParts,
  ours: ReadonlySet<string>,
  call: Call,
): Promise<void> {
  const { keys } = await readKeys(store, repositoryId, call);
  const other = keys.find(({ info }) => !ours.has(info.id));
  if (other === undefined) return;
  const { id, label } = other.info;
  throw new HoldfastError('KEY_SECRET_MISSING', `key ${id} (${label}) was added while the keys were rotated`, {
    remedy: 'rotate once more, with its secret as well; nothing has been written with the new keys',
    facts: { key: id },
  });
}

/** A key that somebody removed meanwhile must not come back with the new ones. Whoever else has finished this very rotation has removed older ones too. */
async function refuseRemoved(
  { store, repositoryId }: RotationParts,
  opened: readonly OpenedKey[],
  { number, fresh }: { readonly number: number; readonly fresh: ReadonlyMap<string, string> },
  call: Call,
): Promise<void> {
  const { keys } = await readKeys(store, repositoryId, call);
  const there = new Set(keys.map(({ info }) => info.id));
  const removed = opened.filter(({ key }) => !there.has(key.info.id));
  const [first] = removed;
  // Asked after the keys were listed: older ones are removed when this is there and never before.
  if (first === undefined || (await listGenerations(store, call)).ready.includes(number)) return;
  for (const name of new Set(removed.map(nameOf))) {
    const again = fresh.get(name);
    if (again !== undefined) await store.remove(keyName(again), call);
  }
  const { id, label } = first.key.info;
  throw new HoldfastError('KEY_NOT_FOUND', `key ${id} (${label}) was removed while the keys were rotated`, {
    remedy: 'rotate once more, without its secret; nothing has been written with the new keys',
    facts: { key: id },
  });
}

/** The moment from which on new objects use the generation. */
async function putReady(
  { store, repositoryId, now }: RotationParts,
  secrets: RepositorySecrets,
  startedAt: number,
  call: Call,
): Promise<void> {
  const name = readyName(secrets.current);
  const note = { version: 1, generation: secrets.current, startedAt, readyAt: now() };
  parseGeneration(note, name);
  try {
    await store.put(name, sealDocument(name, note, { repositoryId, secrets }), { ifAbsent: true }, call);
  } catch (failure) {
    // Somebody else who went on with it was faster, or the store had done it before it said that it failed.
    if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
  }
}

/** What cannot be removed does no harm: it opens what it always has. */
async function removeOld(store: ObjectStore, id: string, call: Call): Promise<void> {
  try {
    await store.remove(keyName(id), call);
  } catch (failure) {
    call.log('warn', `the older ${keyName(id)} stays: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}
