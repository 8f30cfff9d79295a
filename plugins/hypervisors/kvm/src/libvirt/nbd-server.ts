import { HoldfastError } from '@holdfast/api';
import type { Host } from '../ssh/host.ts';
import { runScript } from './script.ts';

/** An image that is served by a program of ours on its host. */
export interface ServedImage {
  readonly key: string;
  readonly path: string;
  readonly driver: string;
  /** Absolute path of the socket that is made. */
  readonly socket: string;
  readonly bitmap: string | null;
  readonly isWritten: boolean;
  readonly pidFile: string;
}

const connections = '16';

/** It goes on when we end: its mark says so beforehand, and names its socket. */
const serveScript = `
umask 077
pid=$1
shift
exec qemu-nbd --fork --persistent --pid-file="$pid" "$@"
`;

/** The same, and it ends with its input: nothing is left of it, whatever ends us. */
const tiedScript = `
umask 077
socket=$1
shift
qemu-nbd --persistent "$@" </dev/null >/dev/null 2>&1 &
n=$!
( i=0; while [ ! -S "$socket" ] && [ -d "/proc/$n" ] && [ "$i" -lt 200 ]; do sleep 0.05; i=$((i + 1)); done
  if [ -S "$socket" ]; then echo ready; else echo failed; fi )
read -r word
kill "$n" 2>/dev/null
wait "$n" 2>/dev/null
rm -f "$socket"
`;

const words = (image: Omit<ServedImage, 'pidFile'>): readonly string[] => [
  `--socket=${image.socket}`,
  `--format=${image.driver}`,
  `--export-name=${image.key}`,
  `--shared=${connections}`,
  ...(image.isWritten ? ['--discard=unmap', '--detect-zeroes=unmap'] : ['--read-only']),
  ...(image.bitmap === null ? [] : [`--bitmap=${image.bitmap}`]),
  '--',
  image.path,
];

/** @throws `MACHINE_BUSY` when something else has the image open for writing; `DISK_UNREADABLE`, `DISK_UNWRITABLE` */
export async function serveImage(host: Host, image: ServedImage): Promise<void> {
  const done = await runScript(host, serveScript, [image.pidFile, ...words(image)]);
  if (done.exitCode === 0) return;
  throw unserved(host, image, done.stderr);
}

/** An image that is served for as long as this process wants it. */
export async function serveTied(host: Host, image: Omit<ServedImage, 'pidFile'>): Promise<AsyncDisposable> {
  const { input, output } = await host.detach(['sh', '-c', tiedScript, 'holdfast', image.socket, ...words(image)]);
  input.on('error', () => {});
  const said = await new Promise<string>((resolve) => {
    output.once('data', (bytes: Buffer | string) => resolve(String(bytes)));
    output.once('close', () => resolve(''));
  });
  const ended = new Promise<void>((resolve) => {
    if (output.destroyed) resolve();
    output.once('close', () => resolve());
  });
  output.resume();
  if (!said.startsWith('ready')) {
    input.end();
    throw unserved(host, image, 'it is locked by another program, or cannot be read');
  }
  return {
    async [Symbol.asyncDispose]() {
      input.end();
      await ended;
    },
  };
}

function unserved(host: Host, image: Omit<ServedImage, 'pidFile'>, stderr: string): HoldfastError {
  const said = stderr.trim().split('\n').slice(-2).join('; ').slice(0, 400);
  const facts = { disk: image.key, path: image.path, host: host.title };
  if (/Failed to get .*lock|is locked/.test(said))
    return new HoldfastError('MACHINE_BUSY', `disk ${image.key} is in use by another program: ${said}`, {
      remedy: 'the machine may have been started meanwhile: run it again',
      facts,
    });
  const code = image.isWritten ? 'DISK_UNWRITABLE' : 'DISK_UNREADABLE';
  return new HoldfastError(
    code,
    `disk ${image.key} cannot be served on ${host.title}: ${said || 'qemu-nbd said nothing'}`,
    {
      remedy: 'see that `qemu-nbd` is installed there (`qemu-utils`) and may open the image',
      facts,
    },
  );
}
