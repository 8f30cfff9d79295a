import type { Plain } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import { Grid } from '../../cells/grid.ts';
import type { Screen, Surface } from '../../contract.ts';
import { openScreen } from '../../screen/open.ts';
import { Toasts } from '../../widgets/dialogue/toasts.ts';
import type { Workbench, WorkbenchParts } from '../contract.ts';
import { commandPage } from '../flows/command-page.ts';
import { flowFor } from '../flows/flow-for.ts';
import { welcomePage } from '../flows/welcome/welcome-page.ts';
import { ViewPage } from '../pages/view-page.ts';
import { Panel } from '../parts/panel.ts';
import { askByDialogs, askDialog, confirmByDialog, type QuestionParts } from '../parts/questions.ts';
import { SideBar } from '../parts/side-bar.ts';
import { TabStrip } from '../parts/tab-strip.ts';
import { failureOf } from '../tasks/failure.ts';
import { activities } from './activities.ts';
import { cancelLine, openLine } from './cancel-line.ts';
import { doorsOf } from './doors.ts';
import { drawFrame, layoutOf } from './draw-frame.ts';
import { focusedIn, InputRouter } from './input.ts';
import { KeyLayers } from './key-layers.ts';
import { endsWithMe, mayLeave, patience } from './leave.ts';
import { type OwnCommand, ownCommands } from './own-commands.ts';
import { Room } from './room.ts';
import { RoomBench } from './room-bench.ts';
import { ViewPages } from './view-pages.ts';

const beatMs = 1000;
/** "12 min ago" becomes "13 min ago" though nothing moves. */
const quietBeats = 20;

/** One person at one terminal, from the first frame to the last. */
export class Session implements Workbench {
  readonly ended: Promise<void>;
  readonly #room: Room;
  readonly #bench: RoomBench;
  readonly #screen: Screen;
  readonly #toasts: Toasts;
  readonly #tabs: TabStrip;
  readonly #router: InputRouter;
  readonly #views: ViewPages;
  readonly #commands: readonly OwnCommand[];
  readonly #keys: KeyLayers;
  readonly #questions: QuestionParts;
  readonly #onEnd: () => void;
  readonly #undos: (() => void)[] = [];
  readonly #done: PromiseWithResolvers<void> = Promise.withResolvers();
  #isEnding = false;
  #isWelcomed = false;
  #hadCommands: readonly unknown[] | null = null;

  constructor({ tty, desk, onEnd }: WorkbenchParts) {
    this.ended = this.#done.promise;
    // Whoever does not wait for the end is not brought down by it.
    this.ended.catch(() => {});
    this.#onEnd = onEnd ?? (() => {});
    const now = (): number => desk.now();
    const room = new Room(desk, () => this.#screen.invalidate());
    const { invalidate } = room;
    this.#room = room;
    // It draws in the next turn, when everything below is there.
    this.#screen = openScreen({
      tty,
      theme: () => room.themes.current,
      draw: (surface) => this.#draw(surface),
      onCrash: (error) => this.#end(error),
    });
    this.#toasts = new Toasts({ now, invalidate });
    room.told = (text) => this.#toasts.push(text, 'quiet');
    this.#questions = { overlays: room.overlays, now, invalidate };
    const bench = new RoomBench({
      room,
      ask: askByDialogs(this.#questions),
      confirm: (title, consequence, yes, isDestroying) =>
        confirmByDialog(this.#questions, { title, consequence, yes, isDestroying }),
      toast: (text, tone) => this.#toasts.push(text, tone),
      flow: flowFor,
      form: commandPage,
      runOwn: (command, args) => this.#runOwn(command, args),
    });
    this.#bench = bench;
    this.#views = new ViewPages(room, bench);
    room.panel = new Panel({
      tasks: room.tasks,
      others: () => room.others.all,
      now,
      invalidate,
      onOpen: (line) => openLine(room, bench, line),
      onCancel: (line) => this.#catch(cancelLine(room, bench, line)),
      problems: () => room.troubles.all,
      lines: () => room.tasks.lines,
      onProblem: ({ text, remedy, source }) =>
        this.#catch(
          askDialog(this.#questions, {
            title: source,
            consequence: remedy === null ? text : `${text}\n\n→ ${remedy}`,
            buttons: [{ id: 'close', title: 'Close', kind: 'safe' }],
          }),
        ),
      onDismiss: ({ id }) => {
        if (!room.troubles.dismiss(id)) bench.toast('this one goes when its cause goes', 'quiet');
      },
      terminal: () => room.terminal,
      mayHaveTerminal: desk.actor.roles.includes('administrator'),
    });
    room.sideBar = new SideBar({
      now,
      invalidate,
      title: () => activities.find(({ id }) => id === room.pages.activity)?.title ?? '',
      views: () => room.pages.viewsOf(room.pages.activity),
      opened: () => room.pages.opened,
      onPage: (id) => this.#showPage(id),
      onRow: (page, row) => page.open(row),
    });
    this.#tabs = new TabStrip({
      pages: room.pages,
      invalidate,
      onShow: (id) => this.#showPage(id),
      onClose: (id) => this.#closePage(id),
    });
    this.#commands = ownCommands(
      room,
      doorsOf({
        room,
        bench,
        commands: () => this.#commands,
        context: () => this.#router.context(this.#router.isTyping),
        questions: this.#questions,
        reloadKeys: () => this.#keys.load(this.#commands),
        welcome: () => bench.open(welcomePage(bench)),
        quit: () => this.#catch(this.#leave()),
      }),
    );
    this.#keys = new KeyLayers(room, this.#commands);
    this.#router = new InputRouter({
      room,
      layout: () => layoutOf(room, this.#screen.width, this.#screen.height),
      size: () => ({ width: this.#screen.width, height: this.#screen.height }),
      focused: () => focusedIn(room, layoutOf(room, this.#screen.width, this.#screen.height)),
      run: (command, args) => bench.openCommand(command, args),
      escape: () => this.#escape(),
      pressTab: (event) => this.#tabs.mouse(event),
    });
    this.#start();
  }

  close(): void {
    this.#end(null);
  }

  text(): string {
    const grid = new Grid(this.#screen.width, this.#screen.height);
    this.#draw(grid.surface());
    return Array.from({ length: grid.height }, (_, y) => grid.row(y).trimEnd()).join('\n');
  }

  notice(text: string): void {
    this.#toasts.push(text, 'risk');
  }

  observedBy(names: readonly string[]): void {
    const more = names.filter((name) => !this.#room.observers.includes(name));
    this.#room.observers = names;
    if (more.length > 0) this.#toasts.push(`${more.join(', ')} can see what you see`, 'risk');
    this.#room.invalidate();
  }

  #start(): void {
    const room = this.#room;
    const { desk } = room;
    const screen = this.#screen;
    screen.title(safeText(`Holdfast ${desk.site}`));
    this.#undos.push(
      screen.onInput((input) => this.#guard(() => this.#router.take(input))),
      screen.onResize(() => room.invalidate()),
      screen.onClose(() => this.#end(null)),
      desk.onChange((change) => {
        room.changed(change);
        if (change === 'plugins') this.#catch(this.#readPluginKeys());
      }),
    );
    let beats = 0;
    const beat = setInterval(() => {
      beats += 1;
      if (room.beat() || beats % quietBeats === 0) room.invalidate();
    }, beatMs);
    this.#undos.push(() => clearInterval(beat));
    room.index.refresh();
    room.problems.refresh();
    room.counts.changed();
    room.others.changed();
    this.#catch(this.#keys.load(this.#commands));
    this.#catch(this.#readPluginKeys());
    this.#catch(this.#remember());
    room.invalidate();
  }

  async #remember(): Promise<void> {
    const { remembered, themes, pages } = this.#room;
    const before = pages.activity;
    await remembered.load();
    await themes.start(remembered.theme);
    for (const page of pages.all) if (page instanceof ViewPage) page.restore(remembered.table(page.declaration.id));
    const { activity } = remembered;
    // Whoever has gone somewhere already stays there.
    if (
      activity !== null &&
      pages.activity === before &&
      pages.opened.length === 0 &&
      activities.some(({ id }) => id === activity)
    ) {
      this.#room.goTo(activity);
    }
  }

  async #readPluginKeys(): Promise<void> {
    const keys = await this.#room.desk.keybindings?.();
    if (keys !== undefined) this.#keys.setPlugins(keys, this.#commands);
  }

  #draw(surface: Surface): void {
    this.#settle();
    drawFrame(this.#room, this.#tabs, this.#toasts, surface);
  }

  /** Follows what the desk answered since the last frame. */
  #settle(): void {
    const room = this.#room;
    if (this.#views.update()) room.cameToFront();
    if (this.#hadCommands !== room.index.all) {
      this.#hadCommands = room.index.all;
      this.#keys.apply(this.#commands);
    }
    if (this.#isWelcomed || !room.counts.isKnown || !room.index.isKnown) return;
    // Decided once, at the beginning: who removes the last endpoint later knows the way.
    this.#isWelcomed = true;
    if (!room.counts.isEmpty) return;
    // Whoever opened something knows where to go.
    if (room.pages.opened.length === 0) this.#bench.open(welcomePage(this.#bench));
  }

  #runOwn(command: string, args: Readonly<Record<string, Plain>>): boolean {
    const own = this.#commands.find(({ id }) => id === command);
    own?.run(args);
    return own !== undefined;
  }

  #showPage(id: string): void {
    const page = this.#room.pages.find(id);
    if (page === null) return;
    this.#room.focus = 'page';
    this.#room.show(page);
  }

  #closePage(id: string): void {
    const page = this.#room.pages.find(id);
    if (page !== null) this.#catch(this.#bench.closeAsked(page));
  }

  /** Escape leads out: of a message, of a part beside the page, of an opened page. */
  #escape(): void {
    const room = this.#room;
    const { front } = room.pages;
    if (this.#toasts.dismiss()) return;
    if (room.focus !== 'page') room.focus = 'page';
    else if (front !== null && room.pages.isOpened(front)) this.#closePage(front.id);
  }

  async #leave(): Promise<void> {
    const room = this.#room;
    if (!(await mayLeave(room, this.#questions))) return;
    // What was typed and not done is lost with its page.
    for (const page of room.pages.opened) if ((await page.mayClose?.()) === false) return;
    if (endsWithMe(room) && room.tasks.running.length > 0) {
      room.tasks.stopAll();
      this.#toasts.push('stopping safely, then leaving …', 'active', patience);
      await this.#untilStopped();
    }
    this.#end(null);
  }

  async #untilStopped(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((done) => {
      timer = setTimeout(done, patience);
    });
    await Promise.race([this.#room.tasks.settled(), limit]);
    clearTimeout(timer);
  }

  #end(problem: unknown): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const undo of this.#undos) undo();
    this.#room.close();
    this.#bench.closeAll();
    this.#toasts.close();
    this.#screen.close();
    this.#catch(this.#finish(problem));
  }

  async #finish(problem: unknown): Promise<void> {
    if (endsWithMe(this.#room)) {
      this.#room.tasks.stopAll();
      await this.#untilStopped();
    }
    this.#onEnd();
    if (problem === null) this.#done.resolve();
    else this.#done.reject(problem);
  }

  /** What a page does wrong with a key costs that key, not the session. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (problem) {
      this.#blame(problem);
    }
  }

  #catch(work: Promise<unknown>): void {
    work.catch((problem: unknown) => this.#blame(problem));
  }

  #blame(problem: unknown): void {
    const room = this.#room;
    const failure = failureOf(problem);
    if (failure.code === 'CANCELLED' || room.isClosed) return;
    room.troubles.add('workbench', failure, room.desk.now());
    this.#toasts.push(failure.text, 'bad');
  }
}
