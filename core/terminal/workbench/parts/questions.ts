import { cancelled } from '@holdfast/api';
import type { Ask } from '../../../shell/contract.ts';
import { Dialog, type DialogOptions } from '../../widgets/dialogue/dialog.ts';
import type { OverlayStack } from '../frame/overlay-stack.ts';

/** What questions need. */
export interface QuestionParts {
  readonly overlays: OverlayStack;
  now(): number;
  invalidate(): void;
}

type Told = Pick<DialogOptions, 'title' | 'consequence' | 'buttons' | 'field' | 'typeBack'>;

/** Puts a dialog in front of everything and answers what was chosen; `null` when it was left or nobody is there any more. */
export function askDialog(
  { overlays, now, invalidate }: QuestionParts,
  told: Told,
): Promise<{ readonly button: string; readonly text: string | null } | null> {
  return new Promise((done) => {
    const end = (answer: { readonly button: string; readonly text: string | null } | null): void => {
      overlays.remove(overlay);
      done(answer);
    };
    const dialog = new Dialog({
      ...told,
      onAnswer: (button, text) => end({ button, text }),
      onCancel: () => end(null),
      now,
      invalidate,
    });
    const overlay = {
      draw: dialog.draw.bind(dialog),
      key: dialog.key.bind(dialog),
      paste: dialog.paste.bind(dialog),
      mouse: dialog.mouse.bind(dialog),
      dropped: () => done(null),
    };
    overlays.push(overlay);
  });
}

/** A yes or no that names what will be different. */
export async function confirmByDialog(
  parts: QuestionParts,
  told: { readonly title: string; readonly consequence: string; readonly yes: string; readonly isDestroying: boolean },
): Promise<boolean> {
  const answer = await askDialog(parts, {
    title: told.title,
    consequence: told.consequence,
    buttons: [
      { id: 'no', title: 'No', kind: 'safe' },
      { id: 'yes', title: told.yes, kind: told.isDestroying ? 'destroy' : 'act' },
    ],
  });
  return answer?.button === 'yes';
}

const writtenDown = 'written';

/** Questions of commands, as dialogs. Leaving one stops the command: nothing is guessed. */
export function askByDialogs(parts: QuestionParts): Ask {
  return {
    async text(question, options = {}) {
      const answer = await askDialog(parts, {
        title: 'A question',
        consequence: question,
        field: { label: '', secret: options.secret === true, value: options.fallback ?? '' },
        buttons: [
          { id: 'ok', title: 'Go on', kind: 'act' },
          { id: 'no', title: 'Cancel', kind: 'safe' },
        ],
      });
      if (answer?.button !== 'ok') throw cancelled('the question');
      return answer.text ?? '';
    },
    async show(title, lines) {
      const answer = await askDialog(parts, {
        title: 'Shown once',
        consequence: [title, '', ...lines, '', `Type ${writtenDown} when you have it: it cannot be shown again.`].join(
          '\n',
        ),
        // An Enter that was typed ahead must not take it away.
        typeBack: writtenDown,
        buttons: [{ id: 'ok', title: 'I have it', kind: 'destroy' }],
      });
      if (answer?.button !== 'ok') throw cancelled('what was shown');
    },
    confirm: (question) =>
      confirmByDialog(parts, { title: 'Go on?', consequence: question, yes: 'Yes, go on', isDestroying: false }),
  };
}
