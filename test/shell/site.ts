import type { Ask, Site } from '../../core/shell/contract.ts';

/** A site of which a test uses only what it names; anything else that is touched fails the test. */
export function siteWith(parts: Partial<Site>): Site {
  return new Proxy(parts as Site, {
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
