import { bashScript } from '../../completion/bash.ts';
import { fishScript } from '../../completion/fish.ts';
import { completionTree } from '../../completion/tree.ts';
import { zshScript } from '../../completion/zsh.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export const run: ShellHandler = async (site, args) => {
  const shell = textOf(args, 'shell') as keyof typeof scripts;
  const tree = completionTree(await site.commands());
  const script = scripts[shell](tree);
  return { data: { shell, script }, view: { kind: 'markdown', title: '', text: `\`\`\`\n${script}\n\`\`\`` } };
};
