import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { ShellHandler, Site } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { refusal } from '../../setup/own-folder.ts';
import { bytesCell, detailView, textCell } from '../../view/build.ts';
import { auditLogOf } from './log.ts';

/** Takes bytes; answers whether anybody wants more. */
type Sink = (bytes: Uint8Array) => Promise<boolean>;

export const run: ShellHandler = async (site, args, call) => {
  const to = textOf(args, 'to');
  const log = await auditLogOf(site);
  let bytes = 0;
  let isHeaderPast = !isSet(args, 'entries');
  const into = async (sink: Sink): Promise<void> => {
    for await (const chunk of log.bytes()) {
      throwIfCancelled(call.signal, 'exporting the audit log');
      const part = isHeaderPast ? chunk : chunk.subarray(chunk.indexOf(0x0a) + 1);
      isHeaderPast = true;
      bytes += part.length;
      if (!(await sink(part))) break;
    }
  };
  if (to === '-') await into(outOf(site));
  else await toFile(resolve(to), into);
  const place = to === '-' ? 'stdout' : resolve(to);
  return {
    data: { to: place, bytes },
    view: detailView('Audit log exported', [
      ['to', 'To', textCell(place)],
      ['bytes', 'Written', bytesCell(bytes)],
    ]),
  };
};

function outOf({ out }: Site): Sink {
  if (out !== null) return out;
  throw new HoldfastError('UNSUPPORTED', 'there is no stdout to write to here', {
    remedy: 'name a file with `--to FILE`',
  });
}

async function toFile(file: string, into: (sink: Sink) => Promise<void>): Promise<void> {
  try {
    await using handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    await into(async (bytes) => {
      await handle.writeFile(bytes);
      return true;
    });
    await handle.sync();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw refusal(file, cause);
    throw new HoldfastError('NAME_TAKEN', `${file} is there already`, {
      remedy: 'name a file that does not exist yet',
      cause,
    });
  }
}
