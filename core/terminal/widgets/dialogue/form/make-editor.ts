import { ChoiceEditor } from './choice-editor.ts';
import type { Editor } from './editor.ts';
import type { FieldSpec } from './field-spec.ts';
import { ListEditor } from './list-editor.ts';
import { TextEditor } from './text-editor.ts';
import { ToggleEditor } from './toggle-editor.ts';

export function makeEditor(spec: FieldSpec): Editor {
  switch (spec.kind) {
    case 'toggle':
      return new ToggleEditor(spec);
    case 'choice':
      return new ChoiceEditor(spec);
    case 'list':
      return new ListEditor(spec);
    case 'text':
    case 'secret':
    case 'number':
    case 'json':
      return new TextEditor(spec);
  }
}
