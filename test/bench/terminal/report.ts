import type { Figure, KeyTimes, TerminalResult } from './figures.ts';

const shown = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/** Whether a target is met; nothing where there is none. */
export function verdict({ value, atMost }: Figure): string {
  if (atMost === null) return '';
  return value <= atMost ? 'met' : 'missed';
}

const line = (figure: Figure): string => {
  const { what, value, unit, atMost, how } = figure;
  const target = atMost === null ? '' : `at most ${atMost} ${unit}`;
  return `| ${what} | ${target} | ${shown(value)} ${unit} | ${verdict(figure)} | ${how ?? ''} |`;
};

const keys = ({ p50Ms, p99Ms, bytes }: KeyTimes): string =>
  `${shown(p50Ms)} / ${shown(p99Ms)} ms, ${shown(bytes)} bytes`;

/** The report as a page for people. */
export function pageOf({ at, machine, load, figures, peers }: TerminalResult): string {
  const others =
    peers.length === 0
      ? 'None was installed.'
      : `| p50 / p99, bytes a key | within the page | scrolling one row |\n|---|---|---|\n${peers
          .map(
            ({ name, version, within, scrolling }) => `| ${name} (${version}) | ${keys(within)} | ${keys(scrolling)} |`,
          )
          .join('\n')}`;
  return `# Benchmarks of the terminal

Made by \`npm run bench:terminal\`, which anybody can run; the figures are in \`benchmarks-terminal.json\` too. All in terminals of 200 × 60. It is the real
workbench on its page of machines, side bar, details of the selected row and all, over a desk in memory that knows 10,000 machines (\`test/bench/terminal/desk.ts\`):
what the catalog and hypervisors take for their answers is not in it, except where the program itself is started. A key is pressed when nothing has come for 30 ms; the time
runs from writing the key to the first byte that comes back, in the process that types; bytes are all until it is quiet again.
Locally there is a pseudo-terminal between, over SSH the real server in a process of its own and an \`ssh2\` client on the loopback.

- Machine: ${machine}. Load at the start: ${load}. ${at.slice(0, 10)}.

| | target | measured | | |
|---|---|---:|---|---|
${figures.map(line).join('\n')}

## Others under the same keys
In the same pseudo-terminals, in the same run; vim with a file of 10,000 lines.

${others}
`;
}
