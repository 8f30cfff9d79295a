import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { splitGlobals } from '../../core/cli/globals.ts';
import { ProgressLine, progressText } from '../../core/cli/progress-line.ts';
import { terminalAsk } from '../../core/cli/terminal-ask.ts';

/** A stream that takes the place of a terminal and remembers what is written to it. */
function terminal(): { readonly stream: NodeJS.WriteStream & NodeJS.ReadStream; readonly written: () => string } {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & NodeJS.ReadStream;
  let text = '';
  const write = stream.write.bind(stream);
  stream.write = (chunk: unknown, ...rest: never[]): boolean => {
    text += String(chunk);
    return write(chunk as string, ...rest);
  };
  return { stream, written: () => text };
}

function asking() {
  const input = new PassThrough();
  const output = terminal();
  const controller = new AbortController();
  const ask = terminalAsk({
    input: input as unknown as NodeJS.ReadStream,
    output: output.stream,
    signal: controller.signal,
    onInterrupt: () => controller.abort(),
    before: () => {},
  });
  return { ask, type: (keys: string) => setImmediate(() => input.write(keys)), written: output.written };
}

describe('asking at a terminal', () => {
  it('takes what is typed, and the default when nothing is', async () => {
    const { ask, type, written } = asking();
    type('main\r');
    expect(await ask.text('Which target')).toBe('main');
    type('\r');
    expect(await ask.text('Which target', { fallback: 'second' })).toBe('second');
    expect(written()).toContain('Which target [second]: ');
  });

  it('never shows a secret while it is typed', async () => {
    const { ask, type, written } = asking();
    type('correct horse\r');
    expect(await ask.text('Passphrase', { secret: true })).toBe('correct horse');
    expect(written()).toContain('Passphrase: ');
    expect(written()).not.toContain('horse');
  });

  it('takes only yes for consent', async () => {
    const { ask, type } = asking();
    for (const [keys, answer] of [
      ['y\r', true],
      ['YES\r', true],
      ['\r', false],
      ['no\r', false],
      ['yikes\r', false],
    ] as const) {
      type(keys);
      expect(await ask.confirm('Go on?')).toBe(answer);
    }
  });

  it('is over when Ctrl-C is pressed', async () => {
    const { ask, type } = asking();
    type('\x03');
    await expect(ask.text('Which target')).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('progress', () => {
  const progress = {
    phase: 'reading vda',
    doneBytes: 2 ** 30,
    totalBytes: 2 ** 31,
    bytesPerSecond: 2 ** 28,
    etaMs: 4_000,
    bottleneck: 'source',
  } as const;

  it('tells phase, bytes, share, rate, time left and bottleneck in one line', () => {
    expect(progressText(progress)).toBe('reading vda  1 GiB of 2 GiB  50 %  256 MiB/s  ETA 4.0 s  bottleneck: source');
  });

  it('redraws one line in a terminal, and takes it away before anything else is written', () => {
    const { stream, written } = terminal();
    let now = 0;
    const line = new ProgressLine(stream, { columns: 80, colour: false, now: 0 }, false, () => now);
    for (let i = 0; i < 50; i++) {
      now += 10;
      line.progress(progress);
    }
    expect(written().match(/reading vda/g)?.length).toBe(5);
    expect(written()).not.toContain('\n');
    line.log('info', 'done');
    expect(written().endsWith('\r\x1b[2Kdone\n')).toBe(true);
  });

  it('writes a line now and then into a pipe, and none of work that is soon over', () => {
    const { stream, written } = terminal();
    let now = 0;
    const line = new ProgressLine(stream, { columns: null, colour: false, now: null }, false, () => now);
    for (let i = 0; i < 40; i++) {
      now += 100;
      line.progress(progress);
    }
    expect(written()).toBe('');
    for (let i = 0; i < 260; i++) {
      now += 100;
      line.progress(progress);
    }
    expect(written().split('\n').length - 1).toBe(3);
    expect(written()).not.toContain('\x1b');
  });

  it('keeps quiet when a program reads the answer, but for warnings', () => {
    const { stream, written } = terminal();
    let now = 0;
    const line = new ProgressLine(stream, { columns: null, colour: false, now: null }, true, () => now);
    now = 60_000;
    line.progress(progress);
    line.log('info', 'detail');
    line.log('warn', 'endpoint lab does not answer');
    expect(written()).toBe('◐ endpoint lab does not answer\n');
  });
});

describe('global options', () => {
  it('may stand anywhere before a double dash', () => {
    const split = splitGlobals(['--home', '/srv/one', 'machine', 'list', '--config=a.yaml', '--', '--home', 'x']);
    expect(split).toEqual({
      globals: { home: '/srv/one', config: 'a.yaml' },
      rest: ['machine', 'list', '--', '--home', 'x'],
    });
  });

  it.each([[['--home']], [['--config', '--json']], [['--home', 'a', '--home', 'b']], [['--config=']]])(
    '%j is refused',
    (argv) => {
      expect(() => splitGlobals(argv)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
