/** A person's session for tests of how it ends: `node local-session.ts crash|draw|wait|late|close`. Runs in a real pseudo-terminal. */

import { safeText } from '../../../core/model/text/safe-text.ts';
import { localTty } from '../../../core/terminal/screen/local-tty.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { testTheme } from '../emulator/test-theme.ts';

const how = process.argv[2];
const tty = localTty();
const theme = testTheme();
let last = 'nothing';
let isBroken = false;
const screen = openScreen({
  tty,
  theme: () => theme,
  draw: (surface) => {
    if (isBroken) throw new Error('a widget is broken');
    surface.text(0, 0, safeText(`session ${surface.width} x ${surface.height}`));
    surface.text(0, 1, safeText(`typed ${last}`));
  },
  onCrash: (error) => {
    tty.close();
    console.log(`crashed: ${error instanceof Error ? error.message : ''}`);
    process.exitCode = 7;
  },
});
screen.onInput((input) => {
  last = input.kind === 'key' ? input.name : input.kind;
  if (last === 'x' && how === 'crash') {
    // From outside of everything that the screen guards.
    setImmediate(() => {
      throw new Error('nobody caught this');
    });
  }
  if (last === 'x' && how === 'draw') isBroken = true;
  if (last === 'x' && how === 'close') {
    screen.close();
    console.log('closed in order');
    tty.close();
    return;
  }
  screen.invalidate();
});
if (how === 'late') {
  process.on('SIGTERM', () => {
    screen.close();
    tty.close();
    console.log('ended as it wished');
    process.exitCode = 5;
  });
}
