import type { Call, CheckItem } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { FoundDomain } from './inventory.ts';
import type { Parts } from './parts.ts';
import { runScript } from './script.ts';
import { errorsIn } from './virsh.ts';

const mostAgents = 20;
/** A word with all that shells know; it must come back as it is. */
const awkward = `a 'b" $HOME \`x\` \\ *;|&`;
const firstGood = [6, 6];

/** Looks at what an endpoint will need, and changes nothing. */
export async function checkEndpoint(parts: Parts, call: Call): Promise<readonly CheckItem[]> {
  const { virsh } = parts;
  const items: CheckItem[] = [];
  try {
    const version = await virsh.run(['version'], { signal: call.signal });
    items.push(
      { title: 'libvirt answers', state: 'ok', detail: `${virsh.uri} on ${virsh.host.title}` },
      versionItem(version),
    );
  } catch (thrown) {
    // Who the host is has to be agreed to before anything else is worth saying.
    if (!isHoldfastError(thrown) || ['CANCELLED', 'HOST_KEY_UNKNOWN', 'HOST_KEY_CHANGED'].includes(thrown.code))
      throw thrown;
    const remedy = thrown.remedy ?? 'see that the host is up and libvirt runs there';
    return [{ title: 'libvirt answers', state: 'failed', detail: thrown.message, remedy }];
  }
  const echoed = await runScript(virsh.host, 'printf %s "$1"', [awkward]);
  items.push(
    item(
      'the login shell passes words on',
      echoed.stdout === awkward,
      'unchanged',
      'it changes them',
      'give the user a POSIX shell that prints nothing of its own',
    ),
  );
  const tools = await runScript(
    virsh.host,
    'for p in qemu-nbd qemu-img; do command -v "$p" >/dev/null || echo "$p"; done',
    [],
  );
  const missing = tools.stdout
    .split('\n')
    .filter((name) => name !== '')
    .join(', ');
  items.push(
    item(
      'the tools of QEMU are there',
      missing === '',
      'qemu-nbd and qemu-img',
      `${missing} is missing`,
      'install them on that host (`qemu-utils` or `qemu-img`)',
    ),
  );
  items.push(await rightsItem(parts));
  const found: FoundDomain[] = [];
  for await (const one of parts.inventory.list(call)) found.push(one);
  items.push(machinesItem(found), await scratchItem(parts, found), await imagesItem(parts));
  items.push(await agentsItem(parts, found));
  return items;
}

function item(title: string, isGood: boolean, good: string, bad: string, remedy: string): CheckItem {
  return isGood ? { title, state: 'ok', detail: good } : { title, state: 'failed', detail: bad, remedy };
}

function versionItem(said: string): CheckItem {
  const title = 'libvirt can back up machines that run';
  const found = /^Using library: libvirt (\d+)\.(\d+)\.\d+/m.exec(said);
  const qemu = /^Running hypervisor: (.*)$/m.exec(said)?.[1] ?? 'QEMU of unknown version';
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  const isGood = major > (firstGood[0] ?? 0) || (major === firstGood[0] && minor >= (firstGood[1] ?? 0));
  const detail = `libvirt ${major}.${minor}, ${qemu}`;
  return item(
    title,
    isGood,
    detail,
    `${detail}: incremental backup came with 6.6`,
    'update libvirt and QEMU on that host',
  );
}

async function rightsItem({ places, virsh }: Parts): Promise<CheckItem> {
  const { self, qemu } = await places.users();
  const isGood = self === qemu || self === 0;
  const detail = `Holdfast works there as user ${self}, QEMU as ${qemu}`;
  return item(
    'sockets of QEMU can be reached',
    isGood,
    detail,
    `${detail}, on ${virsh.host.title}`,
    'log in as root, or as the user that QEMU runs as',
  );
}

function machinesItem(found: readonly FoundDomain[]): CheckItem {
  const title = 'machines can be protected';
  const bad = found.filter(({ machine }) => machine.problem !== undefined).length;
  const detail = `${found.length - bad} of ${found.length} can`;
  if (bad === 0) return { title, state: 'ok', detail };
  return { title, state: 'warning', detail, remedy: 'see what is wrong with `holdfast machine list`' };
}

/** Room for what guests overwrite is made where the images are, or where the settings say. */
async function scratchItem({ virsh, places }: Parts, found: readonly FoundDomain[]): Promise<CheckItem> {
  const title = 'scratch folders can be written';
  const folders = new Set(
    found.flatMap(({ images }) =>
      images[0] === undefined ? [] : [places.workFolder(images[0].path.replace(/\/[^/]*$/, ''))],
    ),
  );
  const parents = [...folders].map((folder) => folder.replace(/\/[^/]*$/, '')).slice(0, 500);
  if (parents.length === 0) return { title, state: 'ok', detail: 'no machine needs one yet' };
  const done = await runScript(virsh.host, 'for d in "$@"; do [ -d "$d" ] && [ -w "$d" ] || echo "$d"; done', parents);
  const bad = done.stdout.split('\n').filter((line) => line !== '');
  if (bad.length === 0)
    return { title, state: 'ok', detail: parents.length === 1 ? (parents[0] ?? '') : `${parents.length} folders` };
  return {
    title,
    state: parents.length === bad.length ? 'failed' : 'warning',
    detail: `not ${bad.slice(0, 5).join(', ')}`,
    remedy: 'make them writable for the user that Holdfast works as, or set `scratch` to a folder that is',
  };
}

async function imagesItem({ virsh, places }: Parts): Promise<CheckItem> {
  const title = 'machines can be restored';
  const folder = await places.images();
  const done = await runScript(virsh.host, 'd=$1; while [ ! -d "$d" ]; do d=$(dirname "$d"); done; [ -w "$d" ]', [
    folder,
  ]);
  if (done.exitCode === 0) return { title, state: 'ok', detail: `into ${folder}` };
  return {
    title,
    state: 'warning',
    detail: `${folder} cannot be written`,
    remedy: 'set `images` to a folder that can',
  };
}

async function agentsItem({ virsh }: Parts, found: readonly FoundDomain[]): Promise<CheckItem> {
  const title = 'guests can be quiesced';
  const running = found.filter(({ machine }) => machine.power === 'on');
  if (running.length === 0) return { title, state: 'ok', detail: 'no machine runs' };
  const asked = running.slice(0, mostAgents);
  const silent: string[] = [];
  await Promise.all(
    asked.map(async ({ machine }) => {
      const done = await virsh.attempt([
        'qemu-agent-command',
        machine.id,
        '--timeout',
        '5',
        '{"execute":"guest-ping"}',
      ]);
      if (done.exitCode !== 0)
        silent.push(`${machine.name} (${errorsIn(done.stderr).split(':').at(-1)?.trim() ?? ''})`);
    }),
  );
  const detail = `the agent answers in ${asked.length - silent.length} of ${asked.length}${running.length > asked.length ? ` asked of ${running.length}` : ''}`;
  if (silent.length === 0) return { title, state: 'ok', detail };
  return {
    title,
    state: 'warning',
    detail: `${detail}, not in ${silent.toSorted().slice(0, 5).join(', ')}`,
    remedy: 'start qemu-guest-agent there, or protect these with `quiesce: none`',
  };
}
