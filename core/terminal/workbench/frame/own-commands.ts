import type { KeybindingDeclaration, Plain } from '@holdfast/api';
import { activities } from './activities.ts';
import type { Room } from './room.ts';

/** Something that only the workbench itself does: it changes what is seen, nothing else. */
export interface OwnCommand {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly KeybindingDeclaration[];
  /** Condition under which the palette offers it. */
  readonly when?: string;
  run(args: Readonly<Record<string, Plain>>): void;
}

/** What the commands need that stands outside of the room. */
export interface Doors {
  openPalette(): void;
  openHelp(): void;
  openKeys(): void;
  openThemes(): void;
  openWelcome(): void;
  openTerminal(): void;
  /** As a person means it: its page, its form or its answer. */
  openCommand(command: string): void;
  closeFront(): void;
  undo(): void;
  quit(): void;
  refresh(): void;
}

/** Keys of the workbench work wherever no embedded terminal takes them. */
const free = '!terminalFocus';

const own = (
  id: string,
  title: string,
  keys: readonly string[],
  run: OwnCommand['run'],
  when: { readonly key?: string; readonly offered?: string } = {},
): OwnCommand => ({
  id: `workbench.${id}`,
  title,
  keys: keys.map((key) => ({
    key,
    command: `workbench.${id}`,
    ...(when.key === '' ? {} : { when: when.key === undefined ? free : `${free} && ${when.key}` }),
  })),
  ...(when.offered === undefined ? {} : { when: when.offered }),
  run,
});

/** Leads out of an embedded terminal too. */
const out = { key: '' } as const;

function goTo(room: Room): readonly OwnCommand[] {
  return activities.map(({ id, title, letter }, index) =>
    own(`go.${id}`, `Go to ${title}`, [String(index + 1), `g ${letter}`], () => room.goTo(id)),
  );
}

function showParts(room: Room): readonly OwnCommand[] {
  const shown = (): void => room.invalidate();
  return [
    own('sideBar', 'Show or hide the side bar', ['ctrl+b'], () => {
      room.toggleSideBar();
      shown();
    }),
    own('panel', 'Show or hide the panel', ['ctrl+j'], () => {
      room.togglePanel();
      shown();
    }),
    ...(['runs', 'log', 'problems'] as const).map((tab) =>
      own(
        `panel.${tab}`,
        `Show ${tab === 'runs' ? 'what runs' : tab === 'log' ? 'the log' : 'the problems'} in the panel`,
        [],
        () => room.showPanel(tab),
      ),
    ),
    own('nextPart', 'Go to the next part: page, side bar, panel', ['f6'], () => room.turnFocus(1), out),
    own('previousPart', 'Go to the part before: panel, side bar, page', ['shift+f6'], () => room.turnFocus(-1), out),
  ];
}

function movePages(room: Room, doors: Doors): readonly OwnCommand[] {
  const turn = (step: 1 | -1): void => {
    room.pages.turn(step);
    room.cameToFront();
  };
  const travel = (step: 1 | -1): void => {
    if (room.pages.travel(step)) room.cameToFront();
  };
  return [
    own('back', 'Go back', ['alt+left'], () => travel(-1)),
    own('forward', 'Go forward', ['alt+right'], () => travel(1)),
    own('nextTab', 'Next tab', ['ctrl+pagedown', ']'], () => turn(1)),
    own('previousTab', 'Tab before', ['ctrl+pageup', '['], () => turn(-1)),
    own('closeTab', 'Close this tab', ['ctrl+w'], doors.closeFront, { key: '!inputFocus', offered: 'isOpened' }),
  ];
}

/** What is done with policies as a whole; what is done with one stands on its row. */
function policies({ openCommand }: Doors): readonly OwnCommand[] {
  const here = { key: "view == 'policies'", offered: "activity == 'policies'" };
  return [
    own('newPolicy', 'Compose a new policy', ['n'], () => openCommand('policy.set'), here),
    own('planPolicies', 'Plan the policy file', ['P'], () => openCommand('plan'), here),
    own('applyPolicies', 'Apply the policy file', ['A'], () => openCommand('apply'), here),
  ];
}

/** All commands of the workbench's own, with their keys. */
export function ownCommands(room: Room, doors: Doors): readonly OwnCommand[] {
  return [
    own('palette', 'Find and run anything', ['ctrl+p', 'f1'], doors.openPalette),
    own('help', 'Show the keys of this view', ['?'], doors.openHelp),
    own('keys', 'Show all keys, and who owns them', ['ctrl+k ctrl+s'], doors.openKeys),
    own('theme', 'Choose colours', ['ctrl+k ctrl+t'], doors.openThemes),
    own('welcome', 'Welcome: first steps', [], doors.openWelcome),
    own('undo', 'Undo', ['u'], doors.undo, { key: 'canUndo', offered: 'canUndo' }),
    own('refresh', 'Ask again for what is shown', ['f5'], doors.refresh),
    own('terminal', 'Open a terminal to a host over SSH', [], doors.openTerminal, { offered: 'administrator' }),
    ...goTo(room),
    ...showParts(room),
    ...movePages(room, doors),
    ...policies(doors),
    own('quit', 'Leave', ['q', 'ctrl+q', 'ctrl+c'], doors.quit),
  ];
}
