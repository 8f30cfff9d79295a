import { HoldfastError, questions, type View } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import { contributionWords } from '../../../host/authoring/list-plugins.ts';
import { permissionWords } from '../../../host/authoring/permission-words.ts';
import type { PluginHost, PluginStatus } from '../../../host/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { detailView, noCell, plainData, stackView, tableView, textCell, timeCell } from '../../view/build.ts';
import { pluginState } from './list.ts';

/** The plugin that is meant: by its name, by the last part of it, or by what it contributes. */
export function findPlugin(host: PluginHost, wanted: string): PluginStatus {
  const plugins = host.plugins();
  const found =
    plugins.find(({ manifest }) => manifest.name === wanted) ??
    plugins.find(({ manifest }) => manifest.name.endsWith(`/${wanted}`)) ??
    plugins.find(({ manifest: { contributes } }) =>
      [contributes.hypervisors, contributes.targets, contributes.techniques].flat().some((one) => one?.id === wanted),
    );
  if (found !== undefined) return found;
  const meant = nearest(
    wanted,
    plugins.map(({ manifest }) => manifest.name),
  );
  const list = '`holdfast plugin list` shows what there is';
  throw new HoldfastError('PLUGIN_NOT_FOUND', `no plugin is called ${wanted}`, {
    remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
  });
}

/** Contributions that are looked at rather than run. */
const shownKinds = /^(view|report|theme|walkthrough|key) /;

interface Sheet {
  readonly id: string;
  readonly title: string;
  readonly answers: Readonly<Record<string, unknown>>;
}

function sheetsOf(host: PluginHost, plugin: string): readonly Sheet[] {
  return [...host.hypervisors(), ...host.targets(), ...host.techniques()]
    .filter((one) => one.plugin === plugin)
    .map(({ contribution, answers }) => ({ id: contribution.id, title: contribution.title, answers }));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of a sheet as words: `captures disk, config; same failure domain`. */
function wording(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(wording).join(', ');
  if (!isRecord(value)) return value === null ? 'unknown' : String(value ?? '');
  return Object.entries(value)
    .map(([key, inner]) => (key === 'notApplicable' ? `not applicable: ${wording(inner)}` : `${key} ${wording(inner)}`))
    .join('; ');
}

const titles = new Map(
  Object.values(questions).flatMap((family) => Object.entries(family).map(([id, { title }]) => [id, title])),
);

/** One answer of a sheet: the value, how it is known, and what there is to say about it. */
function sheetRow(question: string, answer: unknown) {
  const { value, evidence, note } =
    isRecord(answer) && 'value' in answer ? answer : { value: answer, evidence: '', note: '' };
  return {
    id: question,
    cells: {
      question: textCell([question, titles.get(question) ?? ''].join(' ').trim()),
      answer: textCell(wording(value)),
      evidence: textCell(wording(evidence ?? '')),
      note: textCell(wording(note ?? '')),
    },
  };
}

function sheetTable({ id, title, answers }: Sheet): View {
  return tableView(
    `Capability sheet of ${id}: ${title}`,
    [
      { key: 'question', title: 'question', priority: 0 },
      { key: 'answer', title: 'answer', priority: 0 },
      { key: 'evidence', title: 'known by', priority: 2 },
      { key: 'note', title: 'note' },
    ],
    Object.entries(answers).map(([question, answer]) => sheetRow(question, answer)),
    'no answers',
  );
}

export const run: ShellHandler = async (site, args) => {
  const host = await site.host();
  const plugin = findPlugin(host, textOf(args, 'name'));
  const { manifest, state, failure, lastFailure, folder, origin, contentHash, problems } = plugin;
  const permissions = permissionWords(manifest.permissions ?? {});
  const sheets = sheetsOf(host, manifest.name);
  const commands = (manifest.contributes.commands ?? []).map(({ id }) => id.replaceAll('.', ' '));
  const shown = contributionWords(manifest.contributes).filter((words) => shownKinds.test(words));
  return {
    data: {
      manifest: plainData(manifest),
      state,
      failure,
      lastFailure: lastFailure === null ? null : plainData(lastFailure),
      folder,
      origin,
      contentHash,
      permissions,
      problems: plainData(problems),
      sheets: plainData(sheets),
    },
    view: stackView('', [
      detailView(`${manifest.displayName ?? manifest.name} ${manifest.version}`, [
        ['name', 'Name', textCell(manifest.name)],
        ['state', 'State', pluginState(state, lastFailure)],
        ['problem', 'Problem', failure === null ? noCell : textCell(failure)],
        ...(lastFailure === null
          ? []
          : ([
              ['failed', 'Failed to start', timeCell(lastFailure.at)],
              ['why', 'Because', textCell(lastFailure.message)],
            ] as const)),
        ['about', 'About', manifest.description === undefined ? noCell : textCell(manifest.description)],
        ['origin', 'Origin', textCell(origin)],
        ['folder', 'Folder', textCell(folder)],
        ['hash', 'Content', textCell(contentHash)],
        ['commands', 'Commands', commands.length === 0 ? noCell : textCell(commands.join(', '))],
        ...(shown.length === 0 ? [] : ([['shown', 'Also shows', textCell(shown.join(', '))]] as const)),
        ['permissions', 'It may', textCell(permissions.join('; '))],
      ]),
      ...sheets.map(sheetTable),
    ]),
  };
};
