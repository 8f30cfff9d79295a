import { type Call, isHoldfastError } from '@holdfast/api';
import { validateConfig } from '../../../config/inspect.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { type CheckRow, checkTable, failedItem } from '../../lookup/check-items.ts';
import { isSet } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { plainData } from '../../view/build.ts';
import { targetRows } from '../target/doctor.ts';
import { catalogRows } from './catalog.ts';
import { folderRows, machineRows } from './surroundings.ts';

/** Runs one part of the examination; what it throws becomes a finding, so that the other parts are still looked at. */
async function part(title: string, call: Call, look: () => Promise<readonly CheckRow[]>): Promise<readonly CheckRow[]> {
  call.progress({ phase: `looking at ${title}` });
  try {
    return await look();
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    return [failedItem(title, title, problem)];
  }
}

async function configRows(site: Site): Promise<readonly CheckRow[]> {
  const { problems, files, untrusted } = await validateConfig(await site.configOptions());
  const places = files.length === 0 ? 'none: defaults are in effect' : files.join(', ');
  const whole: CheckRow = {
    of: 'configuration',
    title: 'files',
    state: problems.length === 0 ? 'ok' : 'failed',
    detail: places,
  };
  return [
    whole,
    ...problems.map(
      (problem): CheckRow => ({
        of: 'configuration',
        title: problem.key,
        state: 'failed',
        detail: `${problem.file}:${problem.line}: ${problem.message}`,
        remedy: 'correct it; `holdfast config validate` checks again',
      }),
    ),
    ...untrusted.map(
      (file): CheckRow => ({
        of: 'configuration',
        title: 'trust',
        state: 'warning',
        detail: `${file} is not in effect`,
        remedy: 'read it, then `holdfast config trust`',
      }),
    ),
  ];
}

async function pluginRows(site: Site): Promise<readonly CheckRow[]> {
  const plugins = (await site.host()).plugins();
  const bad = plugins.filter(({ state }) => state !== 'idle' && state !== 'active');
  return [
    {
      of: 'plugins',
      title: 'found',
      state: 'ok',
      detail: `${plugins.length}, of which ${plugins.length - bad.length} can be used`,
    },
    ...bad.map(
      ({ manifest, state, failure }): CheckRow => ({
        of: 'plugins',
        title: manifest.name,
        state: state === 'untrusted' ? 'warning' : 'failed',
        detail: failure ?? state,
        remedy:
          state === 'untrusted'
            ? `\`holdfast plugin trust ${manifest.name}\``
            : `\`holdfast plugin check ${manifest.name}\``,
      }),
    ),
  ];
}

async function leftoverRows(site: Site, fix: boolean, call: Call): Promise<readonly CheckRow[]> {
  const engine = await site.engine();
  if (fix) {
    const done = await engine.clean(call);
    return done.length === 0
      ? [{ of: 'leftovers', title: 'dead processes', state: 'ok', detail: 'nothing was left behind' }]
      : done.map((line): CheckRow => ({ of: 'leftovers', title: 'mended', state: 'ok', detail: line }));
  }
  const left = await engine.leftovers(call);
  return left.length === 0
    ? [{ of: 'leftovers', title: 'dead processes', state: 'ok', detail: 'nothing was left behind' }]
    : left.map(
        (line): CheckRow => ({
          of: 'leftovers',
          title: 'left behind',
          state: 'warning',
          detail: line,
          remedy: '`holdfast doctor --fix`',
        }),
      );
}

async function targetsPart(site: Site, call: Call): Promise<readonly CheckRow[]> {
  const { config } = await site.config();
  if (Object.keys(config.targets).length > 0) return targetRows(site, null, call);
  return [
    { of: 'targets', title: 'configured', state: 'ok', detail: 'none yet', remedy: '`holdfast init` sets one up' },
  ];
}

export const run: ShellHandler = async (site, args, call) => {
  const fix = isSet(args, 'fix') && !isSet(args, 'dryRun');
  if (fix)
    await confirmChange(
      site,
      args,
      'finishes or undoes what dead processes of this installation left, and sets the modes of its folders',
    );
  const rows = [
    ...machineRows(),
    ...(await part('folders', call, () => folderRows(site.folders, fix))),
    ...(await part('plugins', call, () => pluginRows(site))),
    ...(await part('configuration', call, () => configRows(site))),
    ...(await part('catalog', call, () => catalogRows(site, call))),
    ...(await part('targets', call, () => targetsPart(site, call))),
    ...(await part('leftovers', call, () => leftoverRows(site, fix, call))),
  ];
  const failed = rows.filter(({ state }) => state === 'failed');
  const [first] = failed;
  return {
    data: { checks: plainData(rows), failed: failed.length },
    view: checkTable('Doctor', rows),
    ...(first === undefined
      ? {}
      : {
          failure: {
            code: 'DOCTOR_FOUND' as const,
            message: `${failed.length} of ${rows.length} checks failed, the first of ${first.of}: ${first.detail}`,
            remedy: first.remedy ?? 'see above',
          },
        }),
  };
};
