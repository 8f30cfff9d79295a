import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newcomer, setUp } from './workbench/installation.ts';
import { hasOpenSsh, serve } from './workbench/served.ts';

const isThere = await hasOpenSsh();
if (!isThere) console.warn('skipped: a server that runs policies is tried with ssh, which is not installed here');

const policies = `# what we keep
policies:
  gold:
    protect: { endpoint: lab }
    objective: { rpo: 4h }
    workflows:
      backup: { every: 1m, steps: [ { snapshot: {} }, { proxy: { to: main } } ] }
    keep:
      main: { last: 5 }
`;

describe.skipIf(!isThere)('a server', () => {
  it('runs policies at their times by itself, and serves figures', { timeout: 240_000 }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    const file = join(person.home, 'protection.yaml');
    await writeFile(file, policies);
    await appendFile(
      join(person.home, '.config/holdfast/holdfast.config.yaml'),
      'metrics: { listen: "127.0.0.1:0" }\n',
    );
    await person.must('apply', '-f', file, '--yes');
    await using server = await serve(person);
    await server.addUser('ada', 'operator');
    const runs = async () =>
      JSON.parse(await person.must('run', 'list', '--json')).runs as { state: string; who: string }[];
    for (let look = 0; look < 200 && (await runs()).every(({ state }) => state !== 'done'); look += 1) await wait(500);
    expect((await runs()).at(-1)).toMatchObject({
      state: 'done',
      who: 'schedule',
      policy: { policy: 'gold', workflow: 'backup' },
    });
    expect(JSON.parse((await server.ssh('ada', 'schedule list --json')).out.toString())).toMatchObject({
      workflows: [{ policy: 'gold', workflow: 'backup', missed: 0, problem: null }],
    });
    const port = /127\.0\.0\.1:(\d+)\/metrics/.exec(server.log())?.[1] ?? 'none';
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^holdfast_machines\{.*state="protected".*\} 1$/m);
  });
});
