import { type CommandResult, isHoldfastError, type Plain, type Tone } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import type { Ask, ShellCommand } from '../../../shell/contract.ts';
import type { Desk } from '../../../shell/desk/contract.ts';
import { formatDuration } from '../../../shell/format/times.ts';
import { shortId } from '../../../shell/lookup/names.ts';
import { argumentsOf } from '../../../shell/registry/arguments.ts';
import type { Bench, Page, RunWish } from '../contract.ts';
import { AnswerPage, type AnswerParts } from '../pages/answer-page.ts';
import type { RunLine } from '../parts/runs-list.ts';
import { failureOf } from '../tasks/failure.ts';
import type { Task } from '../tasks/task.ts';
import { isComplete } from './command-index.ts';
import type { Room } from './room.ts';

/** What the bench needs that stands outside of the room. */
export interface BenchParts {
  readonly room: Room;
  readonly ask: Ask;
  confirm(title: string, consequence: string, yes: string, isDestroying: boolean): Promise<boolean>;
  toast(text: string, tone: Tone): void;
  /** The workflow made for a command; `null` where a form will do. */
  flow(bench: Bench, command: ShellCommand, given: Readonly<Record<string, Plain>>): Page | null;
  form(bench: Bench, command: ShellCommand, given: Readonly<Record<string, Plain>>): Page;
  /** Runs a command of the workbench's own; answers whether it is one. */
  runOwn(command: string, args: Readonly<Record<string, Plain>>): boolean;
}

const isRecord = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** What a tab is called: what it is about, then what is told of it. */
function titleOf(command: ShellCommand, args: Readonly<Record<string, Plain>>): string {
  const words = command.id.replaceAll('.', ' ');
  const [first] = argumentsOf(command);
  const value = first === undefined ? undefined : args[first.name];
  if (typeof value !== 'string') return words;
  return `${/^[0-9a-f-]{16,}$/.test(value) ? shortId(value) : value} · ${words}`;
}

const sameArgs = (a: Readonly<Record<string, Plain>> = {}, b: Readonly<Record<string, Plain>> = {}): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** What pages can do, done in a room. */
export class RoomBench implements Bench {
  readonly desk: Desk;
  readonly ask: Ask;
  readonly #parts: BenchParts;
  readonly #room: Room;
  readonly #timers = new Map<Page, NodeJS.Timeout[]>();

  constructor(parts: BenchParts) {
    this.desk = parts.room.desk;
    this.ask = parts.ask;
    this.#parts = parts;
    this.#room = parts.room;
  }

  invalidate(): void {
    this.#room.invalidate();
  }

  open(page: Page): void {
    const known = this.#room.pages.find(page.id);
    this.#room.focus = 'page';
    this.#room.pages.show(page);
    // A page that has just been made has asked already; one that stands for what is open anyway is not needed.
    if (known === null) this.#room.invalidate();
    else {
      if (known !== page) page.close?.();
      this.#room.cameToFront();
    }
  }

  close(page: Page): void {
    for (const timer of this.#timers.get(page) ?? []) clearInterval(timer);
    this.#timers.delete(page);
    page.close?.();
    this.#room.pages.close(page);
    this.#room.cameToFront();
  }

  /** Closes a page that may have something to lose; answers whether it is closed. */
  async closeAsked(page: Page): Promise<boolean> {
    if ((await page.mayClose?.()) === false) return false;
    this.close(page);
    return true;
  }

  closeAll(): void {
    for (const timers of this.#timers.values()) timers.forEach(clearInterval);
    this.#timers.clear();
  }

  openView(id: string): void {
    const page = this.#room.pages.find(`view:${id}`);
    if (page === null) this.toast(`there is no view ${id}`, 'risk');
    else this.open(page);
  }

  openCommand(id: string, given: Readonly<Record<string, Plain>> = {}): void {
    if (this.#parts.runOwn(id, given)) return;
    const command = this.#room.index.get(id);
    if (command === null) {
      const words = id.replaceAll('.', ' ');
      const told = this.#room.index.isKnown
        ? `${words}: there is no such command, or your roles do not have it`
        : `${words}: the commands are still being read`;
      this.toast(told, 'risk');
      return;
    }
    this.#room.remembered.used(id);
    const view = this.#room.index.views?.find((one) => one.command === id && sameArgs(one.args, given));
    const shown = view === undefined ? null : this.#room.pages.find(`view:${view.id}`);
    if (shown !== null) {
      this.open(shown);
      return;
    }
    const flow = this.#parts.flow(this, command, given);
    if (flow !== null) this.open(flow);
    else if (command.danger === 'read' && isComplete(command, given)) this.open(this.#answer(command, given));
    else this.open(this.#parts.form(this, command, given));
  }

  async run(command: string, args: Readonly<Record<string, Plain>>, wish: RunWish = {}): Promise<CommandResult | null> {
    const { tasks, index } = this.#room;
    const title = index.get(command)?.title ?? command.replaceAll('.', ' ');
    const isListed = wish.show !== 'nothing';
    const { task, answer } = tasks.start({
      command,
      args,
      title,
      ask: wish.ask === undefined ? this.ask : wish.ask,
      signal: wish.signal,
      isListed,
    });
    try {
      const result = await answer;
      this.#tellEnd(task, result, isListed);
      return result;
    } catch (problem) {
      this.#tellFailure(task, problem, wish);
      if (wish.throws === true) throw problem;
      return null;
    }
  }

  confirm(title: string, consequence: string, yes: string, isDestroying = false): Promise<boolean> {
    return this.#parts.confirm(title, consequence, yes, isDestroying);
  }

  toast(text: string, tone: Tone): void {
    this.#parts.toast(text, tone);
  }

  every(page: Page, ms: number, work: () => void): void {
    const timer = setInterval(work, ms);
    this.#timers.set(page, [...(this.#timers.get(page) ?? []), timer]);
  }

  /** Shows what a task answered; answers whether there is anything. */
  openAnswer(line: RunLine): boolean {
    const task = line.kind === 'task' ? line.task : null;
    const result = task?.result ?? null;
    if (task === null || result === null) return false;
    const page = new AnswerPage({
      bench: this,
      command: task.command,
      args: { ...task.args, task: task.id },
      title: task.title,
      subject: null,
      isLong: false,
      like: null,
      line: task.line,
      ask: () => Promise.resolve(result),
      progress: () => null,
    });
    this.open(page);
    return true;
  }

  #answer(command: ShellCommand, args: Readonly<Record<string, Plain>>): Page {
    const isLong = command.long === true;
    const isMine = (task: Task): boolean => task.command === command.id && task.args === args;
    return new AnswerPage({
      bench: this,
      command: command.id,
      args,
      title: titleOf(command, args),
      subject: this.#subject(command.id, args),
      isLong,
      line: this.desk.commandLine(command.id, args),
      like: this.#room.index.views?.find((view) => view.command === command.id) ?? null,
      ask: async (signal) => {
        // What takes long stands in the panel and goes on when its tab is closed.
        const wish: RunWish = isLong ? { throws: true } : { show: 'nothing', throws: true, signal };
        const answer = await this.run(command.id, args, wish);
        // With `throws` there is always an answer.
        return answer as CommandResult;
      },
      progress: () => this.#room.tasks.running.find(isMine)?.progress ?? null,
    });
  }

  /** What a command shows that a view opens rows with, and what that view does with them. */
  #subject(command: string, args: Readonly<Record<string, Plain>>): AnswerParts['subject'] {
    const view = this.#room.index.views?.find(({ open }) => open?.command === command);
    const id = view?.open === undefined ? null : args[view.open.argument];
    if (typeof id !== 'string') return null;
    const actions = (view?.actions ?? []).filter((action) => this.#room.index.may(action.command));
    return { id, actions };
  }

  #tellEnd(task: Task, result: CommandResult, isListed: boolean): void {
    const undo = isRecord(result.data) ? (result.data.undo ?? null) : null;
    if (isRecord(undo) && typeof undo.command === 'string') {
      const args = isRecord(undo.args ?? null) ? (undo.args as Readonly<Record<string, Plain>>) : {};
      this.#room.undoing = { title: task.title, command: undo.command, args };
    }
    if (result.failure !== undefined) {
      const { code, message, remedy } = result.failure;
      const failure = {
        code,
        text: safeText(message),
        remedy: remedy === undefined ? null : safeText(remedy),
        isBug: false,
      };
      this.#room.troubles.add(task.line, failure, this.desk.now());
    }
    if (!isListed || task.args.dryRun === true || this.#room.isClosed) return;
    const took = formatDuration((task.endedAt ?? task.startedAt) - task.startedAt);
    const canUndo = undo !== null && this.#room.undoing?.title === task.title ? '   u undoes it' : '';
    if (result.failure !== undefined) this.toast(`${task.title}: ${result.failure.message}`, 'bad');
    else if (result.partial === true) this.toast(`${task.title}: some of it failed, after ${took}`, 'risk');
    else this.toast(`${task.title}: done in ${took}${canUndo}`, 'good');
  }

  #tellFailure(task: Task, problem: unknown, wish: RunWish): void {
    const room = this.#room;
    if (room.isClosed) return;
    const failure = task.failure ?? failureOf(problem);
    if (task.state === 'cancelled') {
      const cleaned = room.tasks.cleaned(task);
      const told = cleaned ?? (isHoldfastError(problem) ? problem.message : 'stopped');
      if (wish.show !== 'nothing') this.toast(`${task.title}: cancelled safely: ${told}`, 'quiet');
      return;
    }
    // What a page is told it shows itself; what nobody expected is told in any case.
    if (wish.throws === true && !failure.isBug) return;
    room.troubles.add(task.line, failure, this.desk.now());
    this.toast(`${task.title}: ${failure.text}`, 'bad');
  }
}
