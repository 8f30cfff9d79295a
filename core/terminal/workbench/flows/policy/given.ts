import type { Plain } from '@holdfast/api';
import { valuesOfSet } from '../compose/workflow.ts';
import { type Fields, wordOf, wordsOf } from '../reading.ts';

/**
 * What the composer is opened with, field by field: `machine` are rows of the list of machines, `lab/web-07`, and become names and endpoints.
 * What stands before the first `/` is their endpoint.
 */
export function givenPolicy(given: Fields): Fields {
  const { machine, set, quiesce, every, schedule, ...rest } = given;
  const machines = wordsOf(machine).map((word) => {
    const at = word.indexOf('/');
    return at < 1 ? { endpoint: null, name: word } : { endpoint: word.slice(0, at), name: word.slice(at + 1) };
  });
  const known = machines.flatMap(({ endpoint }) => endpoint ?? []);
  const endpoints = known.length < machines.length ? [] : [...new Set(known)];
  const settings: Record<string, Plain> = {
    ...valuesOfSet(wordsOf(set)),
    ...(wordOf(quiesce) === '' ? {} : { 'snapshot.quiesce': quiesce }),
  };
  const when = wordOf(every) === '' ? wordOf(schedule) : `every ${wordOf(every)}`;
  const named = [...wordsOf(rest.name), ...machines.map(({ name }) => name)];
  return {
    ...rest,
    ...(named.length === 0 ? {} : { name: [...new Set(named)] }),
    ...(endpoints.length === 0 || wordsOf(rest.endpoint).length > 0 ? {} : { endpoint: endpoints }),
    ...(when === '' ? {} : { when }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}
