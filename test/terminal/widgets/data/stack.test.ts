import type { StackView, View } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { shareRows } from '../../../../core/terminal/widgets/data/stack-layout.ts';
import { ViewWidget } from '../../../../core/terminal/widgets/data/view-widget.ts';
import { env, frame, point, press, rows, shown } from './draw.ts';
import { examples, log, machines, run, stack, timeline } from './examples.ts';

const two: StackView = {
  kind: 'stack',
  title: '',
  views: [
    { ...machines, title: 'First' },
    { ...machines, title: 'Second' },
  ],
};

describe('room in a stack', () => {
  it('goes to all where it is enough, and is never shared out twice', () => {
    const wish = (rows: number, isElastic: boolean) => ({ rows, isElastic });
    expect(shareRows([wish(4, false), wish(10, true)], 40)).toEqual([4, 10]);
    expect(shareRows([wish(4, false), wish(100, true), wish(100, true)], 40)).toEqual([4, 17, 17]);
    expect(shareRows([wish(4, false), wish(9, true), wish(100, true)], 40)).toEqual([4, 9, 25]);
    expect(shareRows([wish(30, false), wish(100, true)], 20)).toEqual([20, 10]);
  });
});

describe('views below one another', () => {
  it('are all seen at once where lists can do with fewer rows', () => {
    const text = rows(shown(stack), 80, 24).join('\n');
    expect(text).toContain('Run 8f2c');
    expect(text).toContain('Steps  5');
    expect(text).toContain('Log  120 lines');
  });

  it('hand the focus on with tab and back with shift+tab, and only the one that has it takes keys', () => {
    const widget = shown(two);
    frame(widget, 80, 30);
    press(widget, 'down', 'tab', 'down', 'down');
    const marked = rows(widget, 80, 30).filter((line) => /^[▌▏]/.test(line));
    expect(marked.map((line) => line.slice(0, 8))).toEqual(['▏ erp-db', '▌ mail-2']);
    expect(widget.row).toBe('machine-2');
    press(widget, 'shift+tab');
    expect(widget.row).toBe('machine-1');
  });

  it('scroll as a whole where they do not fit, so that what has the focus is seen', () => {
    const widget = shown(stack);
    expect(rows(widget, 80, 12).join('\n')).not.toContain('Log  120');
    press(widget, 'tab');
    expect(rows(widget, 80, 12).join('\n')).toContain('Log  120 lines');
    press(widget, 'tab');
    expect(rows(widget, 80, 12).join('\n')).toContain('Steps  5');
  });

  it('go on from one to the next at its end', () => {
    const widget = shown({ ...two, views: [{ ...machines, title: 'First', rows: machines.rows.slice(0, 2) }, log] });
    frame(widget, 80, 30);
    press(widget, 'down');
    expect(widget.row).toBe('machine-1');
    press(widget, 'down');
    expect(widget.row).toBeNull();
    press(widget, 'home', 'up');
    expect(widget.row).toBe('machine-1');
  });

  it('take clicks and the wheel where the pointer is', () => {
    const widget = shown(two);
    frame(widget, 80, 30);
    point(widget, 'press', 6, 20);
    expect(rows(widget, 80, 30)[20]).toMatch(/^▌/);
    expect(rows(widget, 80, 30)[2]).toMatch(/^▏/);
  });

  it('keep what was chosen in each when another one comes between them', () => {
    const widget = shown(stack);
    frame(widget, 80, 40);
    press(widget, 'down', 'down');
    widget.set({ ...stack, views: [timeline, ...(stack.kind === 'stack' ? stack.views : [])] } as View);
    expect(widget.row).toBe('machine-2');
  });

  it('within one another are one stack, and a stack in itself ends', () => {
    const inner: { kind: 'stack'; title: string; views: View[] } = { kind: 'stack', title: '', views: [run] };
    const widget = shown({ kind: 'stack', title: '', views: [inner, log] });
    expect(rows(widget, 80, 24)[0]).toBe('Run 8f2c');
    inner.views = [inner];
    expect(rows(shown(inner), 80, 24).join('')).toBe('');
  });
});

describe('any view', () => {
  it.each(Object.keys(examples))('keeps its state when the same view comes again: %s', (name) => {
    const view = examples[name];
    if (view === undefined) throw new Error(name);
    const widget = shown(view);
    frame(widget, 80, 24);
    press(widget, 'down', 'left', 'tab', 'down', 'up');
    const before = rows(widget, 80, 24);
    widget.set(structuredClone(view));
    expect(rows(widget, 80, 24)).toEqual(before);
  });

  it.each(Object.keys(examples))('takes up in a new session what was kept, also before its data comes: %s', (name) => {
    const view = examples[name];
    if (view === undefined) throw new Error(name);
    const widget = shown(view);
    frame(widget, 80, 24);
    press(widget, 'down', 'left');
    const next = new ViewWidget(env());
    next.restore(JSON.parse(JSON.stringify(widget.state())));
    expect(next.row).toBeNull();
    next.set(view);
    expect(next.row).toBe(widget.row);
    expect(JSON.stringify(next.state())).toBe(JSON.stringify(widget.state()));
  });

  it('of another kind begins anew', () => {
    const widget = shown(machines);
    press(widget, 'down');
    widget.set(run);
    expect(widget.row).toBeNull();
    expect(widget.kind).toBe('detail');
  });

  it('that this version does not know is named instead of drawn', () => {
    const widget = shown({ kind: 'hologram\x1b[2J', title: '' } as unknown as View);
    expect(rows(widget, 80, 4).join('\n')).toContain('a view of kind hologram␛[2J cannot be shown here');
  });

  it('that is a form shows its values', () => {
    const widget = shown({
      kind: 'form',
      title: 'Protect',
      command: 'machine.protect',
      schema: { properties: { name: {}, keep: {} } },
      values: { keep: [7, 4] },
    });
    expect(rows(widget, 40, 5).slice(0, 3)).toEqual(['Protect', '  name  –', '  keep  [7,4]']);
  });
});
