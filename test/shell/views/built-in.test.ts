import type { RowAction } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import { argumentsOf } from '../../../core/shell/registry/arguments.ts';
import { checkArguments } from '../../../core/shell/registry/check-arguments.ts';
import { builtInViews } from '../../../core/shell/views/built-in.ts';
import { allKeys, keyConflicts } from '../../../core/shell/views/keys.ts';
import { builtInReports } from '../../../core/shell/views/reports.ts';
import { builtInWalkthroughs } from '../../../core/shell/views/walkthroughs.ts';

const commands = new Map(builtInCommands.map((command) => [command.id, command]));

function actionsOf(view: (typeof builtInViews)[number]): readonly RowAction[] {
  return [...(view.open === undefined ? [] : [view.open]), ...(view.actions ?? [])];
}

describe('the views of the workbench', () => {
  it('have each an id of their own, and there is one for every activity', () => {
    const ids = builtInViews.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const activities = new Set(builtInViews.map(({ activity }) => activity));
    for (const activity of [
      'overview',
      'machines',
      'runs',
      'points',
      'targets',
      'policies',
      'plugins',
      'audit',
      'settings',
      'panel',
    ]) {
      expect(activities, activity).toContain(activity);
    }
  });

  it.each(builtInViews.map((view) => [view.id, view] as const))(
    '%s shows what a command that reads answers',
    (_, view) => {
      const command = commands.get(view.command);
      expect(command?.danger).toBe('read');
      if (command !== undefined) expect(checkArguments(command, view.args ?? {})).toMatchObject(view.args ?? {});
    },
  );

  it.each(builtInViews.map((view) => [view.id, view] as const))(
    '%s offers on a row only what commands take',
    (_, view) => {
      for (const { command: id, argument: name, several } of actionsOf(view)) {
        const command = commands.get(id);
        const argument = command === undefined ? undefined : argumentsOf(command).find((one) => one.name === name);
        expect(argument, `${id} ${name}`).toBeDefined();
        // A list takes all marked rows, anything else one.
        expect(argument?.type === 'list', `${id} ${name}`).toBe(several === true);
      }
    },
  );

  it('claim no key twice', () => {
    expect(keyConflicts(allKeys([{ owner: 'Holdfast', views: builtInViews, bindings: [] }]))).toEqual([]);
  });

  it('leave the keys of tables alone', () => {
    const taken = new Set(['up', 'down', 'j', 'k', 'g', 'G', '/', 'space', 's', 'S', 'c']);
    const claims = builtInViews.flatMap((view) =>
      actionsOf(view).filter(({ key }) => key !== undefined && taken.has(key)),
    );
    expect(claims.map(({ key, command }) => `${key} ${command}`)).toEqual([]);
  });
});

describe('reports, walkthroughs and keys', () => {
  it('name commands that exist', () => {
    const named = [
      ...builtInReports.map(({ command }) => command),
      ...builtInWalkthroughs.flatMap(({ steps }) => steps.flatMap(({ command }) => command ?? [])),
    ];
    expect(named.filter((id) => !commands.has(id))).toEqual([]);
    expect(builtInReports.filter(({ command }) => commands.get(command)?.danger !== 'read')).toEqual([]);
  });

  it('two claims on one key in one view are told with who has it, and a first beat counts too', () => {
    const view = { id: 'v', title: 'V', activity: 'machines', command: 'machine.list' };
    const action = (key: string, command: string): RowAction => ({ key, title: command, command, argument: 'name' });
    const conflicts = keyConflicts(
      allKeys([
        {
          owner: 'Holdfast',
          views: [{ ...view, actions: [action('p', 'protect')] }],
          bindings: [{ key: 'g m', command: 'machine.list' }],
        },
        {
          owner: 'acme',
          views: [{ ...view, id: 'w', actions: [action('p', 'acme.p')] }],
          bindings: [{ key: 'g', command: 'acme.go' }],
        },
        {
          owner: 'zeta',
          views: [{ ...view, actions: [action('p', 'zeta.p')] }],
          bindings: [{ key: 'g m', command: 'zeta.m', when: 'marked' }],
        },
      ]),
    );
    expect(
      conflicts.map(({ key, view, winner, losers }) => [key, view, winner.owner, losers.map(({ owner }) => owner)]),
    ).toEqual([
      ['g m', null, 'Holdfast', ['acme']],
      ['p', 'v', 'Holdfast', ['zeta']],
    ]);
  });
});
