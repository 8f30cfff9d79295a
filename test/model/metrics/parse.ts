/** A strict reader of the text format 0.0.4 of Prometheus: anything that is not as it says throws. */
export function parseExposition(
  text: string,
): ReadonlyMap<string, readonly { labels: Record<string, string>; value: number }[]> {
  if (!text.endsWith('\n') && text !== '') throw new Error('the last line has no end');
  const families = new Map<string, { labels: Record<string, string>; value: number }[]>();
  const seen = new Set<string>();
  let current = '';
  let expected: 'HELP' | 'TYPE' | 'sample' = 'HELP';
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment !== null) {
      const [, word, name = '', rest = ''] = comment;
      if (word === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        if (/[^\\]\\(?![\\n])/.test(rest)) throw new Error(`the help of ${name} is not escaped`);
        families.set(name, []);
        current = name;
        expected = 'TYPE';
      } else {
        if (expected !== 'TYPE' || name !== current) throw new Error(`the type of ${name} is in the wrong place`);
        if (!['gauge', 'counter'].includes(rest)) throw new Error(`${name} is ${rest}`);
        expected = 'sample';
      }
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^\n]*)\})? (\S+)$/.exec(line);
    if (sample === null || expected !== 'sample') throw new Error(`not a sample: ${line}`);
    const [, name = '', inner = '', number = ''] = sample;
    if (name !== current) throw new Error(`${name} among ${current}`);
    const labels: Record<string, string> = {};
    let rest = inner;
    while (rest !== '') {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/.exec(rest);
      if (label === null) throw new Error(`not a label: ${rest}`);
      const [whole, key = '', value = ''] = label;
      if (Object.hasOwn(labels, key)) throw new Error(`${key} comes twice`);
      labels[key] = value.replaceAll(/\\([\\n"])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
      rest = rest.slice(whole.length);
    }
    const identity = `${name} ${JSON.stringify(labels)}`;
    if (seen.has(identity)) throw new Error(`${identity} comes twice`);
    seen.add(identity);
    if (!/^(NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(number)) throw new Error(`not a number: ${number}`);
    families.get(name)?.push({ labels, value: Number(number.replace('Inf', 'Infinity')) });
  }
  return families;
}
