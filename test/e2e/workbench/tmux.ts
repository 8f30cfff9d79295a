import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real terminal with somebody's hands on it. */
export interface Terminal extends AsyncDisposable {
  /** Keys as tmux names them: `Enter`, `Escape`, `C-p`, `F1`, `Space`. */
  keys(...names: readonly string[]): Promise<void>;
  /** Types a text as it is. */
  type(text: string): Promise<void>;
  /** Pastes a text in brackets, as a terminal does. */
  paste(text: string): Promise<void>;
  /** What is on the screen. */
  screen(): Promise<string>;
  /** Waits until the screen shows something; throws with the screen when it does not in time. */
  shows(wanted: string | RegExp, timeoutMs?: number): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Whether the program is on the alternate screen, and the cursor is shown. */
  modes(): Promise<{ readonly isAlternate: boolean; readonly isCursorShown: boolean }>;
  /** Waits until the program has ended. */
  ended(): Promise<void>;
}

export async function hasTmux(): Promise<boolean> {
  return run('tmux', ['-V']).then(
    () => true,
    () => false,
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a command in a terminal of its own; it ends with what is answered. */
export async function openTerminal(
  command: readonly string[],
  how: {
    readonly columns: number;
    readonly rows: number;
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
  },
): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-tmux-'));
  const tmux = (...args: readonly string[]) =>
    run('tmux', ['-S', join(folder, 'socket'), '-u', '-f', '/dev/null', ...args], {
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8', HOME: folder },
    });
  const env = Object.entries(how.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const size = ['-x', String(how.columns), '-y', String(how.rows)];
  // What comes after the program shows how it left the terminal.
  const after = ['sh', '-c', '"$@"; echo it has ended; exec sleep 1000', 'sh'];
  await tmux('new-session', '-d', ...size, '-c', how.cwd, ...env, '--', ...after, ...command);
  await tmux('set-option', '-g', 'remain-on-exit', 'on');
  await tmux('set-option', '-g', 'escape-time', '0');
  const screen = async (): Promise<string> => (await tmux('capture-pane', '-p')).stdout;
  const shows: Terminal['shows'] = async (wanted, timeoutMs = 30_000) => {
    const isThere = (text: string): boolean => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
    let text = '';
    for (let waited = 0; waited < timeoutMs; waited += 100) {
      text = await screen();
      if (isThere(text)) return text;
      await pause(100);
    }
    throw new Error(`${wanted} is not shown:\n${text}`);
  };
  return {
    keys: async (...names) => void (await tmux('send-keys', '--', ...names)),
    type: async (text) => void (await tmux('send-keys', '-l', '--', text)),
    async paste(text) {
      await tmux('set-buffer', '--', text);
      await tmux('paste-buffer', '-p');
    },
    screen,
    shows,
    resize: async (columns, rows) => void (await tmux('resize-window', '-x', String(columns), '-y', String(rows))),
    async modes() {
      const { stdout } = await tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}');
      const [alternate, cursor] = stdout.trim().split(' ');
      return { isAlternate: alternate === '1', isCursorShown: cursor === '1' };
    },
    ended: async () => void (await shows('it has ended')),
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
