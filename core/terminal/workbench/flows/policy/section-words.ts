import { formatCount } from '../../../../shell/format/numbers.ts';
import { type Fields, wordOf, wordsOf } from '../reading.ts';
import type { PolicyBase } from './base.ts';
import { type Foreseen, foresee, keepCounts, momentIn, pointsLedTo } from './foresight.ts';
import type { TypedPolicy } from './policy-args.ts';
import type { SectionId, Told } from './sections.ts';

const minuteMs = 60_000;

const good = (text: string): Told => ({ text, isWrong: false });

/** What each section says in its line. What takes time is worked out once for the same words. */
export class SectionWords {
  readonly #known = new Map<string, unknown>();

  of(id: SectionId, typed: TypedPolicy, base: PolicyBase, matches: string, now: number): Told {
    switch (id) {
      case 'policy':
        return good(headWords(typed.head));
      case 'machines':
        return good(matches);
      case 'steps':
        return good(stepWords(typed));
      case 'times':
        return this.#times(typed.times, base, now);
      case 'keep':
        return this.#keeps(typed, base, now);
    }
  }

  /** The same as a moment ago, unless its words changed. A minute more makes times new. */
  #once<T>(key: string, make: () => T): T {
    if (this.#known.has(key)) return this.#known.get(key) as T;
    const made = make();
    if (this.#known.size > 50) this.#known.clear();
    this.#known.set(key, made);
    return made;
  }

  #foreseen(times: Fields, base: PolicyBase, now: number): Foreseen {
    const [when, windows] = [wordOf(times.when), wordsOf(times.window)];
    const minute = Math.floor(now / minuteMs);
    const { zone, blackouts } = base;
    return this.#once(JSON.stringify(['when', when, windows, zone, blackouts, minute]), () =>
      foresee(when, windows, { zone, blackouts, now }),
    );
  }

  #times(times: Fields, base: PolicyBase, now: number): Told {
    const seen = this.#foreseen(times, base, now);
    if (seen.kind === 'wrong') return { text: seen.why, isWrong: true };
    const promises = [
      ...(wordOf(times.rpo) === '' ? [] : [`RPO ${wordOf(times.rpo)}`]),
      ...(wordOf(times.rto) === '' ? [] : [`RTO ${wordOf(times.rto)}`]),
    ];
    const next =
      seen.kind === 'asked'
        ? 'only when somebody asks'
        : `next ${seen.next.map((at) => momentIn(base.zone, at, now)).join(', ')} (${base.zone})`;
    return good([next, ...promises].join(' · '));
  }

  #keeps(typed: TypedPolicy, base: PolicyBase, now: number): Told {
    const seen = this.#foreseen(typed.times, base, now);
    const everyMs = seen.kind === 'known' ? seen.everyMs : null;
    const rules = Object.entries(typed.keep).filter(([, value]) => wordOf(value) !== '');
    if (rules.length === 0) return good('as the configuration says for each target');
    const wrong = rules.find(([, value]) => keepCounts(wordOf(value)) === null);
    if (wrong !== undefined)
      return { text: `${wordOf(wrong[1])} is not written like daily=14,weekly=8`, isWrong: true };
    return good(
      rules
        .map(([name, value]) => this.#keep(name.slice('keep.'.length), wordOf(value), everyMs, base, now))
        .join(' · '),
    );
  }

  #keep(target: string, rule: string, everyMs: number | null, { zone }: PolicyBase, now: number): string {
    const counts = keepCounts(rule) ?? {};
    const said = `${target} ${rule.replaceAll('=', ' ').replaceAll(',', ', ')}`;
    if (everyMs === null) return said;
    const day = Math.floor(now / 86_400_000);
    const led = this.#once(JSON.stringify(['keep', rule, everyMs, zone, day]), () =>
      pointsLedTo(counts, everyMs, zone, now),
    );
    if (led === null) return said;
    return `${said} → ${led.isAbout ? '≈ ' : ''}${formatCount(led.points)} points a machine`;
  }
}

function headWords(head: Fields): string {
  const parts = [
    wordOf(head.policy) === '' ? 'needs a name' : wordOf(head.policy),
    ...(wordOf(head.template) === '' ? [] : [`from ${wordOf(head.template)}`]),
    ...(wordOf(head.title) === '' ? [] : [wordOf(head.title)]),
    ...(head.paused === true ? ['paused: it runs nothing'] : []),
  ];
  return parts.join(' · ');
}

function stepWords({ steps, work }: TypedPolicy): string {
  const to = wordOf(work.to);
  const name = wordOf(work.workflow);
  return `${name === '' ? '' : `${name}: `}${steps.join(' → ')}${to === '' ? '' : ` to ${to}`}`;
}
