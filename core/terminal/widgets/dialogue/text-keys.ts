import type { Reach, TextEdit } from './text-edit.ts';

const moves: ReadonlyMap<string, readonly [-1 | 1, Reach]> = new Map([
  ['left', [-1, 'letter']],
  ['right', [1, 'letter']],
  ['ctrl+left', [-1, 'word']],
  ['ctrl+right', [1, 'word']],
  ['alt+b', [-1, 'word']],
  ['alt+f', [1, 'word']],
  ['home', [-1, 'all']],
  ['end', [1, 'all']],
  ['ctrl+a', [-1, 'all']],
  ['ctrl+e', [1, 'all']],
]);

const deletions: ReadonlyMap<string, readonly [-1 | 1, Reach]> = new Map([
  ['backspace', [-1, 'letter']],
  ['ctrl+h', [-1, 'letter']],
  ['shift+backspace', [-1, 'letter']],
  ['ctrl+backspace', [-1, 'word']],
  ['alt+backspace', [-1, 'word']],
  ['ctrl+w', [-1, 'word']],
  ['ctrl+u', [-1, 'all']],
  ['delete', [1, 'letter']],
  ['ctrl+delete', [1, 'word']],
  ['alt+d', [1, 'word']],
]);

/** What a key did to a text; `null` when it means nothing to one. */
export type TextKeyEffect = 'moved' | 'changed' | null;

/** Applies a key that edits. What a key types is not looked at here. */
export function applyTextKey(edit: TextEdit, name: string): TextKeyEffect {
  const bare = name.replace('shift+', '');
  const move = moves.get(bare);
  if (move !== undefined) {
    edit.move(move[0], move[1], bare !== name);
    return 'moved';
  }
  const deletion = deletions.get(name);
  if (deletion !== undefined) return edit.delete(deletion[0], deletion[1]) ? 'changed' : 'moved';
  if (name === 'ctrl+z' || name === 'ctrl+_') return edit.undo() ? 'changed' : 'moved';
  if (name === 'ctrl+y' || name === 'ctrl+shift+z') return edit.redo() ? 'changed' : 'moved';
  return null;
}

/** Keys that type nothing, whatever text comes with them. */
const acting = /^(?:ctrl\+|alt\+)|^(?:shift\+)?(?:enter|tab|escape|backspace|delete)$/;

export const isTyping = (name: string): boolean => !acting.test(name);
