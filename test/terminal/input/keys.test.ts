import { expect, test } from 'vitest';
import { inputs, typed } from './typed.ts';

test.each([
  ['j', ['j']],
  ['A', ['A']],
  ['?', ['?']],
  [' ', ['space']],
  ['\r', ['enter']],
  ['\t', ['tab']],
  ['\x7f', ['backspace']],
  ['\x08', ['backspace']],
  ['\x10', ['ctrl+p']],
  ['\x00', ['ctrl+space']],
  ['\x1c', ['ctrl+\\']],
  ['\x1b', ['escape']],
  ['\x1bx', ['alt+x']],
  ['\x1bX', ['alt+shift+x']],
  ['\x1b\x01', ['ctrl+alt+a']],
  ['\x1b\x7f', ['alt+backspace']],
  ['\x1b\r', ['alt+enter']],
  ['\x1b[A', ['up']],
  ['\x1bOA', ['up']],
  ['\x1b[1;2C', ['shift+right']],
  ['\x1b[1;6C', ['ctrl+shift+right']],
  ['\x1b[1;3D', ['alt+left']],
  ['\x1b\x1b[A', ['alt+up']],
  ['\x1b[Z', ['shift+tab']],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~', ['home', 'end', 'home', 'end', 'home', 'end']],
  ['\x1b[2~\x1b[3~\x1b[5~\x1b[6~', ['insert', 'delete', 'pageup', 'pagedown']],
  ['\x1b[5;5~', ['ctrl+pageup']],
  ['\x1bOP\x1b[11~\x1b[[A\x1b[1;2P', ['f1', 'f1', 'f1', 'shift+f1']],
  ['\x1b[15~\x1b[24~\x1b[25~', ['f5', 'f12', 'f13']],
  ['\x1b[5^\x1b[3$', ['ctrl+pageup', 'shift+delete']],
  ['\x1bOM\x1bOq', ['enter', '1']],
  ['jjj', ['j', 'j', 'j']],
  ['\x1b[', ['alt+[']],
  ['\x1bO', ['alt+shift+o']],
  ['\x1b]', ['alt+]']],
  ['\x1b\x1b', ['escape', 'escape']],
])('what a terminal sends as %j is read as %j', async (packet, names) => {
  expect(await typed(packet)).toEqual(names);
});

test.each([
  ['\x1b[13;2u', ['shift+enter']],
  ['\x1b[27u', ['escape']],
  ['\x1b[112;5u', ['ctrl+p']],
  ['\x1b[112;6u', ['ctrl+shift+p']],
  ['\x1b[97;2u', ['A']],
  ['\x1b[49:33;2u', ['!']],
  ['\x1b[97;1;228u', ['ä']],
  ['\x1b[120;3u', ['alt+x']],
  ['\x1b[9;2u', ['shift+tab']],
  ['\x1b[127;5u', ['ctrl+backspace']],
  ['\x1b[57399u\x1b[57414u\x1b[57419u', ['0', 'enter', 'up']],
  ['\x1b[97;1:3u\x1b[1;1:3A', []],
  ['\x1b[97;1:2u', ['a']],
  ['\x1b[57441;2u\x1b[57358u', []],
  ['\x1b[112;65u', ['p']],
])('the kitty protocol: %j is read as %j', async (packet, names) => {
  expect(await typed(packet)).toEqual(names);
});

test('modifyOtherKeys is read as the same keys', async () => {
  expect(await typed('\x1b[27;6;80~\x1b[27;5;105~\x1b[27;2;13~')).toEqual(['ctrl+shift+p', 'ctrl+i', 'shift+enter']);
});

test('defect 6: a sequence split across packets is one key, wherever it is split', async () => {
  for (const sequence of ['\x1b[A', '\x1bOP', '\x1b[1;6C', '\x1b[112;6u', '\x1b[<0;12;5M', '\x1b\x1b[A']) {
    const whole = await typed(sequence);
    expect(whole).toHaveLength(1);
    for (let at = 1; at < sequence.length; at++) {
      expect(await typed(sequence.slice(0, at), sequence.slice(at))).toEqual(whole);
    }
    expect(await typed(...sequence)).toEqual(whole);
  }
});

test('defect 6: a letter split across packets is one key', async () => {
  const bytes = Buffer.from('é备😀');
  expect(await typed(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['é', '备', '😀']);
  expect(await typed('👨‍👩‍👧', 'e\u0301')).toEqual(['👨‍👩‍👧', 'e\u0301']);
});

test('what types text says which, safe to show; other keys type nothing', async () => {
  const texts = (await inputs('aÄ \x10\x1bx\r\x1b[97;2u')).map((input) => (input.kind === 'key' ? input.text : ''));
  expect(texts).toEqual(['a', 'Ä', ' ', null, null, null, 'A']);
  expect(await typed('\u202e')).toEqual(['<U+202E>']);
});

test('defect 6: the mouse is told in numbers, past column 223, with wheel and dragging', async () => {
  expect(await typed('\x1b[<0;251;11M\x1b[<0;251;11m')).toEqual(['press left 250,10', 'release left 250,10']);
  expect(await typed('\x1b[<2;1;1M\x1b[<64;5;6M\x1b[<65;5;6M')).toEqual([
    'press right 0,0',
    'wheel-up none 4,5',
    'wheel-down none 4,5',
  ]);
  expect(await typed('\x1b[<32;3;4M\x1b[<35;3;4M\x1b[<66;1;1M\x1b[<0;0;0M\x1b[<0;1M')).toEqual(['drag left 2,3']);
});

test('the old form of the mouse and its bytes are no keys', async () => {
  expect(await typed('\x1b[M !"j', '\x1b[M', ' ', '!q', 'k')).toEqual(['j', 'k']);
});

test('answers and reports of the terminal are no keys', async () => {
  const answers = [
    '\x1b[24;80R',
    '\x1b[?62;22c',
    '\x1b[I\x1b[O',
    '\x1b[?2026;2$y',
    '\x1b]11;rgb:0/0/0\x07',
    '\x1b]4;1;x\x1b\\',
    '\x1bP1+r\x1b\\',
    '\x1b[?1u',
    '\x1b_Gi=1;OK\x1b\\',
  ];
  expect(await typed(answers.join(''), 'j')).toEqual(['j']);
  expect(await typed('\x1b]11;rgb', ':0/0/0\x1b', '\\j')).toEqual(['j']);
});
