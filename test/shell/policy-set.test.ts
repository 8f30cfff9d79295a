import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine, Plain } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { RealSite } from './real-site.ts';

const file = `# Ours.
zone: Europe/London   # where we are
policies:
  gold:
    title: Databases   # the shop
    protect: { endpoint: lab, tags: [gold] }
    objective: { rpo: 4h }
    workflows:
      backup:
        schedule: 0 */2 * * *   # even hours
        steps:
          - snapshot: { quiesce: none }   # by hand
          - proxy: { to: main }
    keep:
      main: { daily: 14 }
  # Never mind.
  silver:
    protect: { names: ['mail-*'] }
    workflows: { backup: { every: 12h, steps: [ snapshot, { proxy: { to: main } } ] } }
`;

const machine = (name: string, tags: readonly string[]): Machine => ({
  id: `id-${name}`,
  name,
  power: 'off',
  place: '/srv',
  tags,
  disks: [],
});

async function open(text: string | null = file) {
  const made = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/nowhere' } },
    targets: { main: { use: 'disk', path: '/backup', passphrase: 'env:X' }, vault: { use: 'disk', path: '/vault', passphrase: 'env:X' } },
  });
  const place = join(made.home, 'policies.yaml');
  if (text !== null) made.write('policies.yaml', text);
  const site = made.open();
  const catalog = await site.catalog();
  await catalog.seenMachines('lab', [machine('erp-db', ['gold']), machine('web-07', ['prod']), machine('mail-01', [])]);
  return {
    made,
    place,
    text: () => readFileSync(place, 'utf8'),
    set: async (args: Readonly<Record<string, Plain>>, id = 'policy.set') => {
      const result = await made.run(site, id, { file: place, yes: true, ...args });
      return result.data as Readonly<Record<string, Plain>>;
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

describe('policy set', () => {
  it('changes in a policy what is given only, and leaves comments where they are', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', rpo: '2h', keep: ['main:daily=7,weekly=4'] });
    console.log(on.text());
  });
});
