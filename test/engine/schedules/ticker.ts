// Looks at the schedules of a yard again and again, as one of several processes: `ticker.ts FOLDER HOLDER TIMES`.
import { setTimeout as wait } from 'node:timers/promises';
import { say } from '../../catalog/process/say.ts';
import { Yard } from '../yard.ts';

const [, , folder = '', holder = '', times = ''] = process.argv;
await using yard = await Yard.open({ holder, config: { slots: { snapshot: 1 } } }, folder);
say('ready');
for (let left = Number(times); left > 0; left -= 1) {
  const { isLeader, fired, runs } = await yard.engine.schedules.tick(yard.call());
  if (isLeader) say(JSON.stringify({ fired: fired.length, runs: runs.map(({ id, state }) => `${id} ${state}`) }));
  await wait(20);
}
