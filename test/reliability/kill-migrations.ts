import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openCatalog } from '../../core/catalog/open.ts';
import { temporaryFolder } from '../repository/paper.ts';
import { dice } from './kill-rounds.ts';
import { runScript } from './run-child.ts';

/** What some rounds of killing migrations came to. */
export interface MigrationFigures {
  readonly rounds: number;
  readonly killed: number;
  /** Catalogs that were found with the old schema, and with the new one. */
  readonly old: number;
  readonly new: number;
}

const VERSIONS = new URL('../catalog/versions/', import.meta.url);
const CHILD = join(import.meta.dirname, 'migrate-child.ts');
const OLD = 1;
/** So many that the migration takes long enough to be hit. */
const LINES = 8_000;

interface Columns {
  readonly table: string;
  readonly columns: readonly string[];
}

/** A catalog as the first release left it, with a long history in it. */
async function oldCatalog(file: string): Promise<readonly Columns[]> {
  using database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal');
  database.exec(await readFile(new URL(`${OLD}.sql`, VERSIONS), 'utf8'));
  database.exec(`with recursive n(i) as (select 3 union all select i + 1 from n where i < ${LINES})
    insert into log_lines (run, line, at, level, text) select 'run-done', i, i, 'info', printf('line %d of a long history', i) from n`);
  const tables = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    .all();
  return tables.map(({ name }) => {
    const columns = database.prepare(`pragma table_info(${String(name)})`).all();
    return { table: String(name), columns: columns.map((column) => String(column.name)) };
  });
}

interface Contents {
  readonly schema: number;
  readonly digest: string;
}

/** All that the first release knew, whatever the schema has come to be. */
function contentsOf(file: string, tables: readonly Columns[]): Contents {
  using database = new DatabaseSync(file);
  const sound = database.prepare('pragma integrity_check').get()?.integrity_check;
  if (sound !== 'ok') throw new Error(`${file} is damaged: ${String(sound)}`);
  const hash = createHash('sha256');
  for (const { table, columns } of tables) {
    const rows = database.prepare(`select ${columns.join(', ')} from ${table} order by ${columns.join(', ')}`);
    for (const row of rows.iterate()) hash.update(JSON.stringify([table, ...Object.values(row)]));
  }
  return { schema: Number(database.prepare('pragma user_version').get()?.user_version), digest: hash.digest('hex') };
}

/**
 * Kills migrations of a catalog at moments that look random. Afterwards it has the old schema or the new one, wholly, with every row that it had;
 * the next opening brings it to the new one; and the copy of the old one that is kept is whole.
 * @param wrapper Answers what the child is run under in a round, for example strace; then it is not killed by a timer.
 */
export async function killMigrations(
  rounds: number,
  wrapper: ((round: number) => readonly string[]) | null = null,
): Promise<MigrationFigures> {
  await using folder = await temporaryFolder();
  const template = join(folder.path, 'old.db');
  const tables = await oldCatalog(template);
  const before = contentsOf(template, tables);
  const moments = dice('kill migrations', rounds);
  const sums = { killed: 0, old: 0, new: 0 };
  let fullMs = 0;
  for (let round = 0; round <= rounds; round++) {
    const place = join(folder.path, String(round));
    await mkdir(place);
    const file = join(place, 'catalog.db');
    await copyFile(template, file);
    let timer: NodeJS.Timeout | undefined;
    // The first one is left alone, to see how long it takes.
    const delayMs = round === 0 ? 60_000 : (moments[round - 1] ?? 0) * fullMs * 1.1;
    const under = round === 0 ? [] : (wrapper?.(round) ?? []);
    const outcome = await runScript([CHILD, file], under, (child) => {
      if (wrapper === null) timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    clearTimeout(timer);
    const wasKilled = outcome.signal === 'SIGKILL';
    if (wasKilled) sums.killed++;
    else if (outcome.exitCode !== 0) throw new Error(`migration ${round} failed by itself: ${outcome.errors}`);
    if (round === 0) fullMs = outcome.tookMs;
    const found = contentsOf(file, tables);
    if (found.digest !== before.digest) throw new Error(`round ${round} lost something that was acknowledged`);
    if (found.schema === OLD) sums.old++;
    else sums.new++;
    if (outcome.said.includes('done') && found.schema === OLD) throw new Error(`round ${round} forgot its migration`);
    await using catalog = await openCatalog({ file });
    const { ok } = await catalog.check();
    const after = contentsOf(file, tables);
    if (!ok || after.digest !== before.digest || after.schema === OLD) throw new Error(`round ${round} cannot go on`);
    const kept = contentsOf(`${file}.schema-${OLD}`, tables);
    if (kept.digest !== before.digest || kept.schema !== OLD) throw new Error(`round ${round} keeps no whole copy`);
  }
  return { rounds, ...sums };
}
