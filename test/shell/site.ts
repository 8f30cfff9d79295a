import { defaultConfig } from '../../core/config/default-config.ts';
import type { Actor } from '../../core/shell/access/contract.ts';
import { localRoles } from '../../core/shell/access/roles.ts';
import type { Audit } from '../../core/shell/audit/contract.ts';
import type { Ask, Site } from '../../core/shell/contract.ts';

/** Whoever owns the data folder, at its console. */
export const owner: Actor = { name: 'owner', roles: localRoles, from: 'local', session: 'cli' };

/** An audit log that forgets. */
const nowhere: Audit = {
  append: async () => {},
  entries: async () => [],
  verify: async () => ({ entries: 0, checkpoints: 0, problems: [] }),
};

const usual: Partial<Site> = {
  actor: owner,
  audit: async () => nowhere,
  config: async () => defaultConfig(),
  now: () => 0,
  invocation: 'holdfast',
};

/** A site of which a test uses only what it names, and who acts; anything else that is touched fails the test. */
export function siteWith(parts: Partial<Site>): Site {
  return new Proxy({ ...usual, ...parts } as Site, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name);
      throw new Error(`the command used site.${String(name)}`);
    },
  });
}

/** A person who gives these answers, one after the other, and remembers what was asked. */
export function person(answers: readonly string[]): Ask & { readonly asked: readonly string[] } {
  const left = [...answers];
  const asked: string[] = [];
  const next = (question: string): string => {
    asked.push(question);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody expected the question: ${question}`);
    return answer;
  };
  return {
    asked,
    text: async (question, { fallback } = {}) => next(question) || (fallback ?? ''),
    confirm: async (question) => next(question) === 'y',
  };
}
