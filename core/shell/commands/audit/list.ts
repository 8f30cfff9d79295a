import { throwIfCancelled } from '@holdfast/api';
import type { AuditEntry } from '../../audit/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { type Arguments, numberOrNull, textOrNull } from '../../registry/argument-values.ts';
import { countCell, plainData, tableView, textCell, timeCell } from '../../view/build.ts';
import { auditLogOf } from './log.ts';
import { commandCell, factsCell, whatCell } from './shown.ts';

const pageSize = 1_000;

function isWanted(entry: AuditEntry, args: Arguments): boolean {
  const [who, what] = [textOrNull(args, 'who'), textOrNull(args, 'what')];
  const command = textOrNull(args, 'command')?.replaceAll(' ', '.') ?? null;
  return (
    (who === null || entry.who === who) &&
    (what === null || entry.what === what) &&
    (command === null || entry.facts.command === command)
  );
}

export const run: ShellHandler = async (site, args, call) => {
  const limit = numberOrNull(args, 'limit') ?? 50;
  const log = await auditLogOf(site);
  const found: AuditEntry[] = [];
  let before = numberOrNull(args, 'before') ?? Number.POSITIVE_INFINITY;
  while (found.length < limit) {
    throwIfCancelled(call.signal, 'reading the audit log');
    const page = await log.entries({ limit: pageSize, before });
    found.push(...page.filter((entry) => isWanted(entry, args)).slice(0, limit - found.length));
    if (page.length < pageSize) break;
    before = page.at(-1)?.number ?? 0;
  }
  const view = tableView(
    'Audit log',
    [
      { key: 'number', title: 'entry', align: 'right', priority: 0 },
      { key: 'at', title: 'when', priority: 0 },
      { key: 'who', title: 'who', priority: 0 },
      { key: 'from', title: 'from', priority: 2 },
      { key: 'what', title: 'what', priority: 0 },
      { key: 'command', title: 'command' },
      { key: 'facts', title: 'facts' },
    ],
    found.map((entry) => ({
      id: String(entry.number),
      cells: {
        number: countCell(entry.number),
        at: timeCell(entry.at),
        who: textCell(entry.who),
        from: textCell(entry.from),
        what: whatCell(entry),
        command: commandCell(entry),
        facts: factsCell(entry),
      },
    })),
    'nothing was changed yet',
  );
  return { data: { entries: plainData(found) }, view };
};
