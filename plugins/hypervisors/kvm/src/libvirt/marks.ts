import type { OwnerMark } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Host } from '../ssh/host.ts';
import { mustScript, runScript } from './script.ts';

/** A disk as it is exported. */
export interface ExportedDisk {
  readonly key: string;
  readonly sizeBytes: number;
  /** Meta context that says what changed, or `null`. */
  readonly context: string | null;
  /** The checkpoint since which it says so. */
  readonly since: string | null;
  /** Checkpoints that it covers: that one, and newer ones, of which it then tells more than has changed. */
  readonly covers: readonly string[];
  /** The change token from which on changes are tracked, or `null`. */
  readonly token: string | null;
  /** What tells its image from others. */
  readonly image?: string;
  /** Why nothing is known of changes, by the checkpoint that was asked for. */
  readonly lost: Readonly<Record<string, string>>;
  /** Socket of its own, of a machine that is off. */
  readonly socket: string | null;
}

/** What is written down, beside what it is about, before anything is made. */
export interface Mark {
  readonly format: 'holdfast-owner';
  readonly version: 1;
  readonly kind: 'export' | 'machine';
  /** Of a snapshot, or of a machine that is being restored. */
  readonly id: string;
  readonly title: string;
  readonly owner: OwnerMark;
  /** UUID of the machine. */
  readonly machine: string;
  /** `live`: a backup job of QEMU; `off`: programs of ours; `made`: a machine of ours. */
  readonly how: 'live' | 'off' | 'made';
  /** Socket of the backup job; `null` where there is none. */
  readonly socket: string | null;
  /** Checkpoint that was begun with it. */
  readonly checkpoint: string | null;
  readonly disks: readonly ExportedDisk[];
  /** Folder of the images of a machine that is being restored, and names of the files in it. */
  readonly folder: string | null;
  readonly files: readonly string[];
}

export interface Marked {
  /** The folder `.holdfast` that it lies in. */
  readonly folder: string;
  readonly mark: Mark;
}

const mostMarkBytes = 256 * 1024;
const idShape = /^(live|off|made)-[0-9a-f]{32}$/;

/** Whether an identity is one of ours: nothing else becomes a part of a path. */
export const isMarkId = (id: string): boolean => idShape.test(id);

/** Durable before it answers; a mark is there whole or not at all. */
const writeScript = `
umask 077
[ -d "$1" ] || mkdir -m 0711 "$1" || exit 1
[ ! -L "$1" ] && [ -O "$1" ] || { echo "$1 is not ours" >&2; exit 1; }
chmod 0711 "$1" && cat > "$1/$2.part" && sync "$1/$2.part" && mv -f "$1/$2.part" "$1/$2.json" && sync "$1"
`;

/** Each mark on a line, after the number of its folder. One that is no file of ours is left out. */
const listScript = `
n=0
for d in "$@"; do
  if [ -d "$d" ] && [ ! -L "$d" ] && [ -O "$d" ]; then
    for f in "$d"/*.json; do
      [ -f "$f" ] && [ ! -L "$f" ] || continue
      printf '%s ' "$n"; head -c ${mostMarkBytes} "$f" | head -n 1 | tr -d '\\n'; echo
    done
  fi
  n=$((n + 1))
done
`;

/** What of ours lies beside a mark, the mark last, and the folder when nothing is left in it. */
const removeScript = `
[ -d "$1" ] || exit 0
[ ! -L "$1" ] && [ -O "$1" ] || { echo "$1 is not ours" >&2; exit 1; }
rm -f "$1/$2"-*.qcow2 "$1/$2"-*.xml "$1/$2"-*.pid "$1/$2.part" && sync "$1" && rm -f "$1/$2.json" && { rmdir "$1" 2>/dev/null || sync "$1"; }
`;

export async function writeMark(host: Host, folder: string, mark: Mark): Promise<void> {
  await mustScript(host, `${mark.title} cannot be announced in ${folder}`, writeScript, [folder, mark.id], {
    input: `${JSON.stringify(mark)}\n`,
  });
}

/** All marks in some folders. */
export async function findMarks(host: Host, folders: readonly string[]): Promise<readonly Marked[]> {
  if (folders.length === 0) return [];
  const done = await runScript(host, listScript, folders, { maxBytes: 64 * 1024 * 1024 });
  const found: Marked[] = [];
  for (const line of done.stdout.split('\n')) {
    const [, number, json] = /^(\d+) (\{.*)$/.exec(line) ?? [];
    const folder = folders[Number(number)];
    const mark = json === undefined ? null : readMark(json);
    if (folder !== undefined && mark !== null) found.push({ folder, mark });
  }
  return found;
}

/** Removes a mark with all that lies beside it. Idempotent. */
export async function removeMark(host: Host, { folder, mark }: Marked): Promise<void> {
  if (!isMarkId(mark.id)) return;
  await mustScript(host, `${mark.title} cannot be removed from ${folder}`, removeScript, [folder, mark.id]);
}

/** A mark that is not wholly as we write them is none of ours: what it lies beside is left alone. */
export function readMark(json: string): Mark | null {
  try {
    const mark: unknown = JSON.parse(json);
    return isMark(mark) ? mark : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || isHoldfastError(thrown)) return null;
    throw thrown;
  }
}

function isMark(value: unknown): value is Mark {
  if (!isRecord(value) || !isRecord(value.owner) || !Array.isArray(value.disks) || !Array.isArray(value.files))
    return false;
  const { site, intent, run, createdAt } = value.owner;
  return (
    value.format === 'holdfast-owner' &&
    value.version === 1 &&
    (value.kind === 'export' || value.kind === 'machine') &&
    (value.how === 'live' || value.how === 'off' || value.how === 'made') &&
    [value.id, value.title, value.machine, site, intent, run].every((text) => typeof text === 'string') &&
    isMarkId(String(value.id)) &&
    /^[0-9a-f-]{36}$/.test(String(value.machine)) &&
    typeof createdAt === 'number' &&
    [value.socket, value.checkpoint, value.folder].every(isTextOrNull) &&
    value.files.every((file) => typeof file === 'string' && isPlainName(file)) &&
    value.disks.every(isDisk)
  );
}

/** A name of one file in its folder, and of nothing else. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name);

function isDisk(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.key === 'string' &&
    Number.isSafeInteger(value.sizeBytes) &&
    [value.context, value.since, value.token, value.socket].every(isTextOrNull) &&
    (value.image === undefined || typeof value.image === 'string') &&
    Array.isArray(value.covers) &&
    value.covers.every((name) => typeof name === 'string') &&
    isRecord(value.lost)
  );
}

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
