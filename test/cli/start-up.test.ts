import { mkdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { TemporaryHome } from './run-holdfast.ts';

/** Tells every module that is loaded, on stderr. */
const telling = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    "import { registerHooks } from 'node:module'; registerHooks({ load(url, context, next) { process._rawDebug('loaded ' + url); return next(url, context); } });",
  )}`,
];

async function loadedBy(home: TemporaryHome, words: readonly string[]): Promise<readonly string[]> {
  const ended = await home.run(words, { nodeArgs: telling });
  expect(ended.code).toBe(0);
  return [...ended.stderr.matchAll(/^loaded (.*)$/gm)].map(([, url = '']) => url);
}

it('help and the machine list load no part that they do not need, so that they answer at once', async () => {
  await using home = await TemporaryHome.make();
  await mkdir(home.path('machines'));
  const added = await home.run(['endpoint', 'add', 'lab', '--use', 'kvm', '--path', home.path('machines'), '--yes']);
  expect(added.code).toBe(0);
  // What was checked once is remembered: the first look may be slower.
  expect((await home.run(['machine', 'list', '--json'])).code).toBe(0);

  const help = await loadedBy(home, ['--help']);
  expect(help.filter((url) => /@oclif|ajv|yaml|kysely|fast-xml|core\/(engine|repository|catalog)\//.test(url))).toEqual(
    [],
  );
  const list = await loadedBy(home, ['machine', 'list', '--json']);
  expect(
    list.filter((url) => /@oclif|\/(ajv|yaml|kysely|fast-xml-parser)\/|core\/(engine|repository)\//.test(url)),
  ).toEqual([]);
  expect(list.length).toBeLessThan(400);
});
