import type { Context } from '../../keys/when.ts';
import { AnswerPage } from '../pages/answer-page.ts';
import { KeysPage } from '../pages/keys-page.ts';
import { ViewPage } from '../pages/view-page.ts';
import { chooseTheme } from '../palette/choose-theme.ts';
import { openPalette } from '../palette/open-palette.ts';
import { openHelp } from '../parts/help.ts';
import type { QuestionParts } from '../parts/questions.ts';
import { failureOf } from '../tasks/failure.ts';
import { openHostTerminal } from './host-terminal.ts';
import type { Doors, OwnCommand } from './own-commands.ts';
import type { Room } from './room.ts';
import type { RoomBench } from './room-bench.ts';

/** What the doors lead to. */
export interface DoorParts {
  readonly room: Room;
  readonly bench: RoomBench;
  commands(): readonly OwnCommand[];
  context(): Context;
  readonly questions: QuestionParts;
  reloadKeys(): Promise<void>;
  welcome(): void;
  quit(): void;
}

/** What the commands of the workbench's own open. */
export function doorsOf({ room, bench, commands, context, questions, reloadKeys, welcome, quit }: DoorParts): Doors {
  const tell = (problem: unknown): void => {
    const failure = failureOf(problem);
    if (failure.code !== 'CANCELLED') bench.toast(failure.text, 'bad');
  };
  return {
    openPalette: () => openPalette({ room, bench, own: commands(), context: context() }),
    openHelp: () => openHelp(room, commands(), context()),
    openThemes: () => chooseTheme(room, bench),
    openKeys: () => {
      const title = (id: string): string =>
        commands().find((command) => command.id === id)?.title ?? room.index.get(id)?.title ?? id;
      bench.open(new KeysPage({ bench, bindings: () => room.bindings, title, file: room.desk.memory.keysFile }));
      // The file may have been written since the session began.
      reloadKeys().catch(tell);
    },
    openWelcome: welcome,
    openTerminal: () => {
      openHostTerminal(room, questions).catch(tell);
    },
    openCommand: (command) => bench.openCommand(command),
    closeFront: () => {
      const { front } = room.pages;
      if (front !== null && room.pages.isOpened(front)) bench.closeAsked(front).catch(tell);
    },
    undo: () => {
      const { undoing } = room;
      if (undoing === null) return;
      room.undoing = null;
      bench.run(undoing.command, undoing.args).catch(tell);
    },
    refresh: () => {
      const { front } = room.pages;
      if (front === null) room.index.refresh();
      else if (front instanceof ViewPage || front instanceof AnswerPage) front.refresh();
      else front.refresh?.();
      room.problems.refresh();
      room.counts.changed();
      room.others.changed();
    },
    quit,
  };
}
