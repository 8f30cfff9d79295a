import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Extent } from '@holdfast/api';
import { ExtentList } from './extents.ts';
import type { ImageFile } from './image-file.ts';

/** Below this, reading the zeros costs less than asking where they are. */
const smallBytes = 16 * 1024 * 1024;
const patienceMs = 10_000;
const spotChecks = 64;
const spotBytes = 4096;

/** Asks for one range after the other: `<offset> <length>` a line, of the file on standard input. */
const perlScript = `
my $at = 0;
while (defined(my $data = sysseek(STDIN, $at, 3))) {
  my $hole = sysseek(STDIN, $data, 4);
  last unless defined $hole;
  printf "%d %d\\n", $data, $hole - $data;
  $at = $hole;
}
die "$!" unless $!{ENXIO};
`;

/** A program of the system that can say where a file has data. It gets the file itself as its standard input, never a path. */
export interface Finder {
  readonly program: string;
  readonly args: readonly string[];
  /** Offset and length in a line of its output; `null` for a line that says something else. */
  parse(line: string): Extent | null;
}

const perl: Finder = { program: '/usr/bin/perl', args: ['-MErrno', '-e', perlScript], parse: parseSeek };
const filefrag = (program: string): Finder => ({
  program,
  args: ['-s', '-v', '-b1', '/proc/self/fd/0'],
  parse: parseFilefrag,
});

/** In the order in which they are asked. */
export const finders: readonly Finder[] = [perl, filefrag('/usr/sbin/filefrag'), filefrag('/sbin/filefrag')];

/**
 * Extents of a file that may hold data; all else reads as zeros. Node cannot ask for that (it has no SEEK_DATA), and reading
 * the holes of a large sparse image takes minutes, so a small program of the system is asked: perl for SEEK_DATA, or filefrag for
 * FIEMAP. Its answer is checked by samples. Where neither can tell, it is the whole file.
 * @see docs/decisions/holes-in-raw-images.md
 */
export async function findData(file: ImageFile, ask = finders): Promise<readonly Extent[]> {
  if (file.sizeBytes === 0) return [];
  const whole: readonly Extent[] = [{ offset: 0, length: file.sizeBytes }];
  if (file.sizeBytes <= smallBytes || file.allocatedBytes >= file.sizeBytes) return whole;
  for (const finder of ask) {
    if (!existsSync(finder.program)) continue;
    const found = await extentsBy(finder, file);
    if (found !== null && holesAreEmpty(file, found)) return found;
  }
  return whole;
}

/** Answers `null` when the program fails, does not get done or says what cannot be. */
async function extentsBy(finder: Finder, file: ImageFile): Promise<readonly Extent[] | null> {
  const stop = AbortSignal.timeout(patienceMs);
  const child = spawn(finder.program, finder.args, {
    stdio: [file.fd, 'pipe', 'ignore'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    signal: stop,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  const extents = new ExtentList();
  let end = 0;
  let sane = true;
  if (child.stdout === null) return null;
  for await (const line of createInterface({ input: child.stdout })) {
    const extent = finder.parse(line);
    if (extent === null) continue;
    sane &&= extent.offset >= end && extent.length > 0;
    if (!sane) break;
    end = extent.offset + extent.length;
    if (extent.offset < file.sizeBytes) {
      extents.add(extent.offset, Math.min(extent.length, file.sizeBytes - extent.offset));
    }
  }
  if (!sane) child.kill('SIGKILL');
  return (await ended) && sane ? extents.list() : null;
}

function parseSeek(line: string): Extent | null {
  const found = /^(\d+) (\d+)$/.exec(line);
  return found === null ? null : { offset: Number(found[1]), length: Number(found[2]) };
}

/** `   0:        0..    4095:   123..   456:   4096: flags`, in bytes. */
function parseFilefrag(line: string): Extent | null {
  const found = /^\s*\d+:\s*(\d+)\.\.\s*(\d+):/.exec(line);
  return found === null ? null : { offset: Number(found[1]), length: Number(found[2]) - Number(found[1]) + 1 };
}

/** Looks at both ends of holes and between: whoever is wrong about one is not believed about any. */
function holesAreEmpty(file: ImageFile, extents: readonly Extent[]): boolean {
  const holes: Extent[] = [];
  let end = 0;
  for (const extent of [...extents, { offset: file.sizeBytes, length: 0 }]) {
    if (extent.offset > end) holes.push({ offset: end, length: extent.offset - end });
    end = extent.offset + extent.length;
  }
  const perHole = Math.max(3, Math.floor(spotChecks / Math.max(1, holes.length)));
  const every = Math.max(1, Math.ceil((holes.length * perHole) / spotChecks));
  for (let index = 0; index < holes.length; index += every) {
    const hole = holes[index];
    if (hole !== undefined && !isEmpty(file, hole, perHole)) return false;
  }
  return true;
}

function isEmpty(file: ImageFile, hole: Extent, samples: number): boolean {
  const length = Math.min(spotBytes, hole.length);
  const zeros = Buffer.alloc(length);
  const seen = Buffer.alloc(length);
  for (let sample = 0; sample < samples; sample += 1) {
    file.read(seen, hole.offset + Math.floor(((hole.length - length) * sample) / (samples - 1)));
    if (!seen.equals(zeros)) return false;
  }
  return true;
}
