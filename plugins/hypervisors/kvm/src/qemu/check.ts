import { access, constants } from 'node:fs/promises';
import { type Call, type CheckItem, isHoldfastError } from '@holdfast/api';
import type { Freezing } from './freezing.ts';
import type { Listed, Machines } from './machines.ts';

/** Looks at what an endpoint will need, and changes nothing. */
export async function checkSockets(
  machines: Machines,
  freezing: Freezing,
  scratch: string | null,
  call: Call,
): Promise<readonly CheckItem[]> {
  const { folder } = machines;
  const listed: Listed[] = [];
  try {
    for await (const one of machines.list(call)) listed.push(one);
  } catch (thrown) {
    if (!isHoldfastError(thrown, 'ENDPOINT_UNREACHABLE')) throw thrown;
    const remedy = thrown.remedy ?? 'check that it is there and readable';
    return [{ title: 'the folder of sockets can be read', state: 'failed', detail: thrown.message, remedy }];
  }
  const items: CheckItem[] = [{ title: 'the folder of sockets can be read', state: 'ok', detail: folder.path }];
  items.push(answerItem(listed));
  items.push(await writeItem(folder.path, 'the folder of sockets can be written'));
  for (const place of scratchFolders(listed, scratch)) items.push(await writeItem(place, 'scratch can be written'));
  items.push(await agentItem(listed, machines, freezing, call));
  return items;
}

/** Folders that scratch goes to: the one that was named, or those of the images. */
export function scratchFolders(listed: readonly Listed[], scratch: string | null): readonly string[] {
  if (scratch !== null) return [scratch];
  const folders = listed.flatMap((one) =>
    one.kind === 'machine'
      ? one.found.disks.flatMap(({ file, disk }) => (file === null ? [] : [disk.storage ?? '']))
      : [],
  );
  return [...new Set(folders)].filter((path) => path !== '');
}

function answerItem(listed: readonly Listed[]): CheckItem {
  const title = 'each QEMU answers and can be read while it runs';
  const bad = listed.flatMap((one) => {
    const [name, problem] =
      one.kind === 'silent' ? [one.name, one.problem] : [one.found.machine.name, one.found.machine.problem];
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  if (bad.length === 0) return { title, state: 'ok', detail: `${listed.length} of ${listed.length} do` };
  return {
    title,
    state: 'warning',
    detail: bad.slice(0, 5).join('; '),
    remedy:
      'let no other program hold the QMP socket, and run QEMU 6.0 or newer as a user whose sockets Holdfast may open',
  };
}

async function writeItem(path: string, title: string): Promise<CheckItem> {
  const isWritable = await access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return { title, state: 'ok', detail: path };
  return {
    title,
    state: 'failed',
    detail: `${path} is not there, or may not be written`,
    remedy: 'give the user that Holdfast runs as the right to write, or name another folder in the settings',
  };
}

async function agentItem(
  listed: readonly Listed[],
  machines: Machines,
  freezing: Freezing,
  call: Call,
): Promise<CheckItem> {
  const title = 'guest agents answer';
  const without: string[] = [];
  for (const one of listed) {
    if (one.kind !== 'machine') continue;
    const { name, machine } = one.found;
    const answers = (await machines.folder.hasAgent(name)) && (await freezing.answers(name, machine.name, call));
    if (!answers) without.push(machine.name);
  }
  if (without.length === 0) return { title, state: 'ok', detail: `${listed.length} machines` };
  return {
    title,
    state: 'warning',
    detail: `none answers for ${without.slice(0, 10).join(', ')}${without.length > 10 ? ', …' : ''}`,
    remedy: 'these can only be protected with `quiesce: none`; start the guest agent where more is wanted',
  };
}
