import { type HoldfastError, isHoldfastError, makeCall, type ObjectStore } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PluginHost } from '../../core/host/contract.ts';
import { defaultWorkerLimits } from '../../core/host/rpc/worker-limits.ts';
import { addTarget, Installation, memoryStoreModule, opening, quiet, readAll } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

/** The memory store whose `remove` does something else. */
const storeThat = (does: string, atTop = ''): string =>
  `${atTop}\n${memoryStoreModule.replace('async remove(name) {', `async remove(name, call) { ${does};`)}`;

const quick = { ...defaultWorkerLimits, pingEveryMs: 100, pingMisses: 8, activationMs: 10_000, memoryBytes: 192 << 20 };

async function open(
  module: string,
  limits = quick,
): Promise<{ readonly host: PluginHost; readonly store: ObjectStore }> {
  addTarget(at, 'evil', module);
  const host = await at.host({}, { limits });
  return { host, store: await host.openObjectStore(opening(), quiet) };
}

async function failureOf(work: Promise<unknown>): Promise<HoldfastError> {
  const thrown: unknown = await work.then(
    () => new Error('nothing failed'),
    (e: unknown) => e,
  );
  if (isHoldfastError(thrown)) return thrown;
  throw thrown;
}

const ways = [
  ['loops for ever', 'for (;;);', 'no sign of life'],
  ['ends its process', 'process.exit(3)', 'exit code 3'],
  ['throws outside of any call', 'setTimeout(() => { throw new Error("late") }); await new Promise(() => {})', 'late'],
  ['leaves a rejection alone', 'void Promise.reject(new Error("alone")); await new Promise(() => {})', 'alone'],
  ['fills its heap', 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5))', 'memory'],
  [
    'takes memory bit by bit',
    'const a = []; for (;;) { a.push(Buffer.alloc(32 << 20, 1)); await new Promise((r) => setTimeout(r, 20)); }',
    'memory',
  ],
  [
    'takes memory all at once',
    'const a = []; for (let i = 0; i < 24; i++) a.push(Buffer.alloc(32 << 20, 1)); for (;;);',
    'of memory went|no sign',
  ],
  [
    'floods the host’s port',
    'const { parentPort } = await import("node:worker_threads"); for (;;) { parentPort.postMessage("x"); await null; }',
    'past the contract|no sign',
  ],
] as const;

for (const [what, does, why] of ways) {
  test(`a plugin that ${what} is ended, named, and started anew`, async () => {
    const { host, store } = await open(storeThat(`if (name === 'bad') { ${does} }`), { ...quick, heapMb: 64 });
    await store.put('a', Buffer.from('kept elsewhere'), {}, quiet);
    const failure = await failureOf(store.remove('bad', quiet));
    expect(failure.code).toBe('PLUGIN_FAILED');
    expect(failure.message).toMatch(/^evil is gone: /);
    expect(failure.message).toMatch(new RegExp(why));
    expect(host.plugins()[0]).toMatchObject({ state: 'failed', failure: expect.stringMatching(new RegExp(why)) });
    expect((await failureOf(store.remove('a', quiet))).code).toBe('PLUGIN_FAILED');
    const again = await host.openObjectStore(opening(), quiet);
    expect(await again.put('a', Buffer.from('anew'), {}, quiet)).toEqual({ sizeBytes: 4 });
    expect(host.plugins()[0]?.state).toBe('active');
  });
}

test('a plugin that crashed three times within five minutes is left in peace, and only then', async () => {
  let now = Date.now();
  addTarget(at, 'evil', storeThat('process.exit(1)'));
  const host = await at.host({}, { limits: quick, now: () => now });
  for (let crash = 0; crash < 3; crash++) {
    const store = await host.openObjectStore(opening(), quiet);
    expect((await failureOf(store.remove('a', quiet))).code).toBe('PLUGIN_FAILED');
  }
  const refusal = await failureOf(host.openObjectStore(opening(), quiet));
  expect(refusal.message).toMatch(/crashed 3 times/);
  expect(refusal.remedy).toMatch(/5 min/);
  now += 5 * 60 * 1000;
  await host.openObjectStore(opening(), quiet);
});

test('one plugin’s end leaves the others at work', async () => {
  addTarget(at, 'good', memoryStoreModule.replaceAll("'box'", "'crate'"), {
    contributes: {
      targets: [
        {
          id: 'crate',
          title: 'A crate',
          shape: 'object-store',
          settings: './settings.json',
          answers: './answers.json',
        },
      ],
    },
  });
  const { host, store } = await open(storeThat('process.exit(1)'));
  const good = await host.openObjectStore(opening({}, 'crate'), quiet);
  await good.put('a', Buffer.from('1'), {}, quiet);
  await failureOf(store.remove('a', quiet));
  expect((await readAll(good.get('a', null, quiet))).toString()).toBe('1');
  expect(await host.openObjectStore(opening({}, 'crate'), quiet)).toBe(good);
});

for (const [what, does] of [
  ['never returns', 'await new Promise(() => {})'],
  ['loops', 'for (;;);'],
] as const) {
  test(`a plugin whose activation ${what} is given up after its limit`, async () => {
    addTarget(at, 'evil', `export async function activate() { ${does} }`);
    const host = await at.host({}, { limits: { ...quick, activationMs: 400, pingMisses: 100 } });
    const failure = await failureOf(host.openObjectStore(opening(), quiet));
    expect(failure).toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(/evil.*did not activate within 0.4 s/),
    });
    expect(host.plugins()[0]?.state).toBe('failed');
  });
}

const thrown: Readonly<Record<string, string>> = {
  'a string': 'throw "plain"',
  null: 'throw null',
  undefined: 'throw undefined',
  'a number': 'throw 7',
  'a symbol': 'throw Symbol("s")',
  'a function': 'throw () => 1',
  'an object without prototype': 'throw Object.create(null)',
  'an error whose members throw':
    'throw Object.defineProperties(new Error("x"), { message: { get() { throw 1 } }, stack: { get() { throw 2 } }, name: { get() { throw 3 } }, code: { get() { throw 4 } } })',
  'a proxy of traps':
    'const trap = () => { throw new Error("trap") }; throw new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap })',
  'an error that names itself ours':
    'throw Object.assign(new Error("x"), { name: "HoldfastError", code: "NO_SUCH_CODE" })',
  'an error that names a prototype':
    'throw Object.assign(new Error("x"), { name: "HoldfastError", code: "__proto__" })',
  'a very long message': 'throw new Error("x".repeat(1e7))',
};

for (const addedPlace of ['in-process', 'worker'] as const) {
  test(`whatever a plugin throws becomes a failure that names it (${addedPlace})`, async () => {
    const cases = Object.entries(thrown).map(([key, code]) => `case ${JSON.stringify(key)}: { ${code}; }`);
    addTarget(at, 'evil', storeThat(`switch (name) { ${cases.join('\n')} }`));
    const host = await at.host({ addedPlace }, { limits: quick });
    const store = await host.openObjectStore(opening(), quiet);
    for (const what of Object.keys(thrown)) {
      const failure = await failureOf(store.remove(what, quiet));
      expect(failure.code, what).toBe('PLUGIN_FAILED');
      expect(failure.message, what).toMatch(/^evil failed in target my-box remove: /);
      expect(failure.message.length, what).toBeLessThan(3000);
      expect(
        at.lines.some((line) => line.startsWith('evil error evil failed in target my-box remove')),
        what,
      ).toBe(true);
    }
    await store.put('a', Buffer.from('1'), {}, quiet);
  });

  test(`a plugin that throws because of a cancellation has been cancelled (${addedPlace})`, async () => {
    addTarget(
      at,
      'evil',
      storeThat('await new Promise((_, no) => call.signal.addEventListener("abort", () => no(call.signal.reason)))'),
    );
    const host = await at.host({ addedPlace }, { limits: quick });
    const store = await host.openObjectStore(opening(), quiet);
    const controller = new AbortController();
    const removal = failureOf(store.remove('a', makeCall({ signal: controller.signal })));
    setTimeout(() => controller.abort(), 20);
    expect((await removal).code).toBe('CANCELLED');
    const late = await failureOf(store.remove('a', makeCall({ deadline: Date.now() + 30 })));
    expect(late.code).toBe('TIMEOUT');
  });

  test(`a plugin deaf to cancellation and deadline is not waited for (${addedPlace})`, async () => {
    addTarget(at, 'evil', storeThat('await new Promise(() => {})'));
    const host = await at.host({ addedPlace }, { limits: quick, graceMs: 30 });
    const store = await host.openObjectStore(opening(), quiet);
    expect((await failureOf(store.remove('a', makeCall({ signal: AbortSignal.timeout(10) })))).code).toBe('CANCELLED');
    expect((await failureOf(store.remove('a', makeCall({ deadline: Date.now() + 10 })))).code).toBe('TIMEOUT');
  });

  test(`no control character of a plugin reaches the log or an error (${addedPlace})`, async () => {
    const evil = '"\\u001b]0;owned\\u0007\\u009b31m\\u202e\\r\\b\\u0000"';
    const does = `const e = ${evil}; call.log("loud" as never, e); call.progress({ phase: e }); throw Object.assign(new Error("m" + e), { name: "HoldfastError", code: "TARGET_IO", remedy: "r" + e, facts: { f: 1 } })`;
    addTarget(
      at,
      'evil',
      storeThat(does).replace(
        'activate(context: PluginContext): void {',
        `activate(context: PluginContext): void { context.log("warn", ${evil});`,
      ),
    );
    const host = await at.host({ addedPlace }, { limits: quick });
    const store = await host.openObjectStore(opening(), quiet);
    const told: string[] = [];
    const call = makeCall({ log: (_, text) => told.push(text), progress: ({ phase }) => told.push(phase) });
    const failure = await failureOf(store.remove('a', call));
    expect(failure.code).toBe('TARGET_IO');
    expect(told).toHaveLength(2);
    const unsafe = /[\p{Cc}\u202e]/u;
    for (const text of [failure.message, failure.remedy ?? '', ...at.lines, ...told]) expect(text).not.toMatch(unsafe);
    expect(at.lines.some((line) => line.includes('owned'))).toBe(true);
  });
}

test('an answer that is no plain data is a failure of the plugin that says where', async () => {
  const cases = [
    ['function', '{ a: [() => 1] }', 'a\\[0\\]'],
    ['instance', '{ when: new Date() }', 'when is an instance of Date'],
    ['circle', '(() => { const c: Record<string, unknown> = {}; c.c = c; return c })()', 'nested deeper'],
  ] as const;
  for (const [name, answer, why] of cases) {
    await using here = new Installation();
    addTarget(
      here,
      'evil',
      memoryStoreModule.replace(
        'return { conditionalPut: true,',
        `return ${answer} as never; return { conditionalPut: true,`,
      ),
    );
    const store = await (await here.host()).openObjectStore(opening(), quiet);
    const failure = await failureOf(store.probe(quiet));
    expect(failure.code, name).toBe('PLUGIN_FAILED');
    expect(failure.message).toMatch(new RegExp(why));
  }
});

test('a flood of log lines, output and progress is thinned out before it reaches the host', async () => {
  const does =
    'for (let i = 0; i < 200_000; i++) { call.log("info", "line " + i); call.progress({ phase: "p" + i }); if (i % 20 === 0) console.log("out " + i); if (i % 1000 === 0) await new Promise(setImmediate); }';
  const { store } = await open(storeThat(does));
  const seen = { lines: 0, progress: [] as string[] };
  await store.remove(
    'a',
    makeCall({ log: () => void seen.lines++, progress: ({ phase }) => void seen.progress.push(phase) }),
  );
  expect(seen.lines).toBeGreaterThan(100);
  expect(seen.lines).toBeLessThan(5000);
  expect(seen.progress.length).toBeLessThan(200);
  expect(seen.progress.at(-1)).toBe('p199999');
  expect(at.lines.length).toBeLessThan(1000);
});

test('a stream that is left early ends in the plugin, and one that nobody reads waits', async () => {
  const module = memoryStoreModule
    .replace(
      'async *list(prefix) {',
      'async *list(prefix) { try { for (let i = 0; ; i++) { made = i; yield { name: prefix + i, sizeBytes: 1, modifiedAt: 1 }; } } finally { ended += 1; }',
    )
    .replace('async probe() {', 'async probe() { if (1) return { made, ended } as never;')
    .replace('function openStore()', 'let made = 0; let ended = 0;\nfunction openStore()');
  const { store } = await open(module);
  for await (const { name } of store.list('x', quiet)) if (name === 'x5000') break;
  const { made, ended } = (await store.probe(quiet)) as unknown as { made: number; ended: number };
  expect(ended).toBe(1);
  // What was under way fits into the window.
  expect(made).toBeLessThan(5000 + (8 * 1024 * 1024) / 64);
  const reading = store.list('y', quiet)[Symbol.asyncIterator]();
  await reading.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = (await store.probe(quiet)) as unknown as { made: number };
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await store.probe(quiet)).toMatchObject({ made: before.made });
  await reading.return?.();
  expect(await store.probe(quiet)).toMatchObject({ ended: 2 });
});
