import type { Plain } from '@holdfast/api';
import type { Change, Desk, Problem } from '../../../shell/desk/contract.ts';
import type { Widget } from '../../contract.ts';
import { Bindings } from '../../keys/bindings.ts';
import type { Context } from '../../keys/when.ts';
import type { Page } from '../contract.ts';
import { AnswerPage } from '../pages/answer-page.ts';
import { ViewPage } from '../pages/view-page.ts';
import type { Panel, PanelTab } from '../parts/panel.ts';
import type { SideBar } from '../parts/side-bar.ts';
import { Asked } from '../tasks/asked.ts';
import type { Failure } from '../tasks/failure.ts';
import { OtherRuns } from '../tasks/other-runs.ts';
import { TaskList } from '../tasks/task-list.ts';
import { TroubleList } from '../tasks/trouble-list.ts';
import { activities } from './activities.ts';
import { CommandIndex } from './command-index.ts';
import { OverlayStack } from './overlay-stack.ts';
import { PageList } from './page-list.ts';
import { Remembered } from './remembered.ts';
import { SiteCounts } from './site-counts.ts';
import { Themes } from './themes.ts';

/** Where the keys go. */
export type Part = 'page' | 'sideBar' | 'panel';

/** What the last command that can be undone offers. */
export interface Undoing {
  readonly title: string;
  readonly command: string;
  readonly args: Readonly<Record<string, Plain>>;
}

/** Commands whose answer tells of runs. */
const showsRuns = /^(?:run|overview)(?:\.|$)/;

/** Everything that one open workbench holds; what is done with it stands beside it. */
export class Room {
  readonly desk: Desk;
  readonly pages = new PageList(activities[0]?.id ?? 'overview');
  readonly index: CommandIndex;
  readonly tasks: TaskList;
  readonly others: OtherRuns;
  readonly troubles = new TroubleList();
  readonly counts: SiteCounts;
  readonly remembered: Remembered;
  readonly themes: Themes;
  readonly overlays: OverlayStack;
  readonly problems: Asked<readonly Problem[]>;
  readonly invalidate: () => void;
  /** Tells the person something in passing. */
  told: ((text: string) => void) | null = null;
  /** What stands in the panel's terminal tab. */
  terminal: (Widget & { close(): void }) | null = null;
  panel: Panel | null = null;
  sideBar: SideBar | null = null;
  bindings = new Bindings({ builtIn: [], plugins: [], own: [] });
  focus: Part = 'page';
  /** `null`: where there is room. */
  isSideBarShown: boolean | null = null;
  isPanelShown = false;
  undoing: Undoing | null = null;
  /** First key of two that was pressed. */
  pending: string | null = null;
  observers: readonly string[] = [];
  isClosed = false;
  /** Whether a part has a place on the screen as it is. */
  isThere: (part: Part) => boolean = (part) => part === 'page';
  readonly #broken = new WeakSet<Widget>();
  #frontAskedAt = 0;
  #isFrontDue = false;

  constructor(desk: Desk, invalidate: () => void) {
    const draw = (): void => {
      if (!this.isClosed) invalidate();
    };
    this.desk = desk;
    this.invalidate = draw;
    this.index = new CommandIndex(desk, draw);
    this.tasks = new TaskList(desk, draw);
    this.others = new OtherRuns(desk, draw);
    this.counts = new SiteCounts(desk, draw);
    this.remembered = new Remembered(desk.memory);
    this.themes = new Themes(desk, draw);
    this.overlays = new OverlayStack(draw);
    this.problems = new Asked(
      async () => {
        const problems = await desk.problems();
        this.troubles.setDesk(problems);
        return problems;
      },
      () => desk.now(),
      draw,
    );
  }

  /** What `when` can ask for. */
  context(): Context {
    const { front } = this.pages;
    const roles = this.desk.actor.roles;
    return {
      activity: this.pages.activity,
      focus: this.focus,
      view: front instanceof ViewPage ? front.declaration.id : null,
      page: front?.id ?? null,
      isOpened: front !== null && this.pages.isOpened(front),
      sideBar: this.isSideBarShown,
      panel: this.isPanelShown,
      canUndo: this.undoing !== null,
      running: this.tasks.running.length + this.others.all.length,
      problems: this.troubles.all.length,
      role: roles,
      ...Object.fromEntries(roles.map((role) => [role, true])),
      ...this.counts.context(),
      ...front?.context?.(),
    };
  }

  /** Shows a page, and what it shows is asked for. */
  show(page: Page): void {
    this.pages.show(page);
    this.cameToFront();
  }

  goTo(activity: string): void {
    this.pages.goTo(activity);
    this.focus = 'page';
    this.remembered.setActivity(activity);
    this.cameToFront();
  }

  toggleSideBar(): void {
    this.isSideBarShown = !this.isThere('sideBar');
    this.focus = this.isSideBarShown ? 'sideBar' : 'page';
  }

  togglePanel(): void {
    this.isPanelShown = !this.isPanelShown;
    this.focus = this.isPanelShown ? 'panel' : 'page';
  }

  showPanel(tab: PanelTab): void {
    this.isPanelShown = true;
    if (this.panel !== null) this.panel.tab = tab;
    this.focus = 'panel';
    this.invalidate();
  }

  /** Goes on to the next part that is shown. */
  turnFocus(step: 1 | -1): void {
    const parts = (['sideBar', 'page', 'panel'] as const).filter((part) => this.isThere(part));
    const at = parts.indexOf(this.focus);
    this.focus = parts[(at + step + parts.length) % parts.length] ?? 'page';
    this.invalidate();
  }

  /** Another page is in front now: it asks for what may have changed meanwhile. */
  cameToFront(): void {
    this.#askFront();
    this.invalidate();
  }

  /** Something changed: what is looked at is asked for again, at most once a second. */
  changed(change: Change): void {
    this.others.changed();
    this.problems.refresh();
    this.counts.changed();
    if (change === 'plugins' || change === 'configuration') this.index.refresh();
    const { front } = this.pages;
    // A run that moves on is no reason to ask a hypervisor for its machines again.
    if (change === 'runs' && front instanceof ViewPage && !showsRuns.test(front.declaration.command)) return;
    this.#isFrontDue = true;
    if (this.desk.now() - this.#frontAskedAt >= 1000) this.#askFront();
  }

  /** Once a second: what is due to be asked for again, and times that go on. Answers whether anything moves. */
  beat(): boolean {
    const { front } = this.pages;
    const every = front instanceof ViewPage ? front.declaration.refreshMs : undefined;
    const isDue = every !== undefined && this.desk.now() - this.#frontAskedAt >= Math.max(1000, every);
    if (this.#isFrontDue || isDue) this.#askFront();
    if (this.others.all.length > 0) this.others.changed();
    const isWaiting = (front instanceof ViewPage || front instanceof AnswerPage) && front.isWaiting;
    return isWaiting || this.tasks.running.length > 0 || this.others.all.length > 0;
  }

  /** Something cannot be drawn: told once, not at each frame. */
  couldNotDraw(widget: Widget, failure: Failure): void {
    if (this.#broken.has(widget)) return;
    this.#broken.add(widget);
    this.troubles.add('workbench', failure, this.desk.now());
  }

  /** Ends all that is asked and shown. What was started goes on: whoever ends the session decides about that. */
  close(): void {
    this.isClosed = true;
    this.overlays.close();
    this.terminal?.close();
    for (const page of this.pages.all) page.close?.();
    this.index.close();
    this.others.close();
    this.counts.close();
    this.problems.close();
  }

  #askFront(): void {
    const { front } = this.pages;
    this.#isFrontDue = false;
    this.#frontAskedAt = this.desk.now();
    if (front instanceof ViewPage) front.show();
    else if (front instanceof AnswerPage) front.changed();
    else front?.refresh?.();
  }
}
