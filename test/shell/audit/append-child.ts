/** Appends entries to an audit log, saying each number that is durable: `node append-child.ts FOLDER NAME COUNT`. */
import { writeSync } from 'node:fs';
import { openAudit } from '../../../core/shell/audit/open.ts';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);
const audit = await openAudit({ folder, now: Date.now });
const actor = { name, roles: [], from: 'local', session: String(process.pid) };
for (let index = 1; index <= Number(count); index++) {
  await audit.append(actor, index % 10 === 0 ? 'command.end' : 'command.begin', { index });
  writeSync(1, `${index}\n`);
}
await audit.close();
