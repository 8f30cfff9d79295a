import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text, yesNo } from '../../registry/declare.ts';

const target = text('target; may be left out when there is only one', names('target', 'TARGET'));
const limit = text('at most so many bytes a second, read and written each: 20MB, 512KiB', { 'x-value': 'BYTES' });
const label = (what: string, fallback: string) =>
  text(`name of the ${what}, for people`, { default: fallback, maxLength: 200, 'x-value': 'LABEL' });

export const repositoryCommands: readonly ShellCommand[] = [
  {
    id: 'repository.check',
    title: 'Check everything in a repository and name what is damaged',
    description:
      'The fast tier authenticates every record; --full also decompresses and hashes every byte. Damage is a non-zero exit that names objects, restore points, disks and offsets.',
    args: args({ target, full: yesNo('read every byte: decrypt, decompress, hash') }),
    positionals: ['target'],
    danger: 'read',
    long: true,
    examples: ['holdfast repository check', 'holdfast repository check main --full --json'],
    load: () => import('./check.ts'),
  },
  {
    id: 'repository.prune',
    title: 'Give back the room of what no restore point needs any more',
    description:
      'Forgetting says what is no longer wanted, pruning gives its room back: `point forget`, the rules of `keep` and policies only mark restore points. Backups and restores go on meanwhile: what somebody who began earlier may still need is condemned and removed by the next collection, or after --wait. `holdfast serve` and `holdfast schedule tick` do the same by themselves, once a day and after something was forgotten, unless the target says `collect: false`.',
    args: args({
      target,
      repackBelow: text(
        'write packs anew of which less than this share is needed; default is 50%, and 0 writes nothing anew',
        { 'x-value': 'SHARE' },
      ),
      limit,
      wait: text('how long to wait for those who began earlier: 10m; default is not at all', { 'x-value': 'TIME' }),
    }),
    positionals: ['target'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast repository prune main --dry-run',
      'holdfast repository prune main --repack-below 30% --limit 20MB --wait 10m --yes',
    ],
    load: () => import('./prune.ts'),
  },
  {
    id: 'repository.deduplicate',
    title: 'Deduplicate and compress what deferred backups have put down',
    description:
      'Backups with `dedupe: deferred` put data down as it is; this looks up what is there already, compresses the rest and gives the room back. Backups and restores go on meanwhile. Broken off, it goes on where it was. `holdfast serve` and `holdfast schedule tick` do the same by themselves, within the window of the target, unless it says `collect: false`.',
    args: args({
      target,
      limit,
      wait: text('how long to wait for those who began earlier: 10m; default is not at all', { 'x-value': 'TIME' }),
    }),
    positionals: ['target'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast repository deduplicate main --dry-run',
      'holdfast repository deduplicate main --limit 50MB --yes',
    ],
    load: () => import('./deduplicate.ts'),
  },
  {
    id: 'repository.repair',
    title: 'Mend what a check finds, as far as that can be done without the machines',
    description:
      'Index runs are made anew from their packs, what is whole in a damaged pack is written into a new one, leftovers that nothing needs are removed. Chunks that are lost are read again from their source by the next run of their machines. Ends with an error when something stays damaged.',
    args: args({ target, full: yesNo('look at every byte first: decrypt, decompress, hash') }),
    positionals: ['target'],
    danger: 'change',
    long: true,
    examples: ['holdfast repository repair main --dry-run', 'holdfast repository repair main --full --yes'],
    load: () => import('./repair.ts'),
  },
  {
    id: 'repository.sync',
    title: 'Copy the restore points of one target that another lacks, oldest first',
    description:
      'One that was broken off goes on where it was when it is run again. A restore point of the same machine and moment counts as there; one that this installation forgot there stays away unless --again brings it back, and so does what the retention of that target (`keep`) would not keep. What that retention no longer keeps is forgotten there afterwards, as after a run. Repositories that were made with --family share chunks: only what is missing travels. Exit code 3 when some could not be copied.',
    args: args(
      {
        from: text('target to copy from', names('target', 'FROM')),
        to: text('target to copy to', names('target', 'TO')),
        machine: text('only of this machine', names('machine', 'MACHINE')),
        since: text('only what was taken in the time before now: 30d, 12h', { 'x-value': 'TIME' }),
        again: yesNo('also what was forgotten there'),
        limit,
      },
      ['from', 'to'],
    ),
    positionals: ['from', 'to'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast repository sync main second --dry-run',
      'holdfast repository sync main second --machine web-07 --since 30d --limit 20MB --yes',
    ],
    load: () => import('./sync.ts'),
  },
  {
    id: 'repository.stats',
    title: 'Show what a repository holds and what deduplication saves',
    args: args({ target }),
    positionals: ['target'],
    danger: 'read',
    examples: ['holdfast repository stats main'],
    load: () => import('./stats.ts'),
  },
  {
    id: 'repository.reindex',
    title: 'Write the index of a repository anew from its packs',
    args: args({ target }),
    positionals: ['target'],
    danger: 'change',
    long: true,
    examples: ['holdfast repository reindex main --yes'],
    load: () => import('./reindex.ts'),
  },
  {
    id: 'repository.accept',
    title: 'Take an older state of a repository as the right one',
    description:
      'When a repository lacks restore points that this installation has seen in it, nothing more is written to it until someone says that this is meant, for example after its disk was restored from a copy.',
    args: args({ target }),
    positionals: ['target'],
    danger: 'destroy',
    examples: ['holdfast repository accept main --yes'],
    load: () => import('./accept.ts'),
  },
  {
    id: 'repository.recover',
    title: 'Bring an installation back from a repository and its recovery words',
    description:
      'On a machine with nothing else, or where the catalog is lost: makes the repository a target of this installation, takes the newest catalog that was saved in it and that is whole, begins a new epoch of it, and compares it with the restore points. Without a saved catalog, or with --from-points, the catalog is made from the restore points alone. A catalog that is here already is kept beside the new one.',
    args: args({
      target: text('name for the target; default is the name that it had, or the one that is configured', {
        'x-value': 'NAME',
      }),
      storeFolder: text('folder in which the repository lies', names('file', 'FOLDER')),
      use: text('kind of target, as `holdfast plugin list` shows; default is disk', { 'x-value': 'KIND' }),
      set: several('a setting of this kind: KEY=VALUE', { 'x-value': 'SETTING' }),
      passphrase: text('where a passphrase of the repository is: env:NAME, file:/path, command:program, …', {
        'x-value': 'REF',
      }),
      recoveryWordsFile: text('file with the 24 recovery words; `-` reads them from stdin', names('file', 'FILE')),
      list: yesNo('show the catalogs that are saved there, and do nothing'),
      catalog: text('take this one, by its identity or the beginning of it', { 'x-value': 'CATALOG' }),
      fromPoints: yesNo('make the catalog from the restore points, whatever is saved'),
      replace: yesNo('exchange a catalog that has runs; it is kept'),
    }),
    positionals: ['target'],
    danger: 'change',
    changes: ({ list }) => list !== true,
    long: true,
    examples: [
      'holdfast repository recover --store-folder /backup/holdfast --recovery-words-file words.txt --yes',
      'holdfast repository recover --store-folder /backup/holdfast --recovery-words-file words.txt --list',
      'holdfast repository recover main --from-points --yes',
    ],
    load: () => import('./recover.ts'),
  },
  {
    id: 'repository.key.list',
    title: 'List the keys that open a repository',
    args: args({ target }),
    positionals: ['target'],
    danger: 'read',
    examples: ['holdfast repository key list'],
    load: () => import('./key-list.ts'),
  },
  {
    id: 'repository.key.add',
    title: 'Add a passphrase that opens a repository',
    args: args(
      {
        target,
        passphrase: text('where the new passphrase is: env:NAME, file:/path, command:program, …', { 'x-value': 'REF' }),
        label: label('key', 'passphrase'),
      },
      ['passphrase'],
    ),
    positionals: ['target'],
    danger: 'change',
    examples: ['holdfast repository key add main --passphrase file:/root/second.key --label second --yes'],
    load: () => import('./key-add.ts'),
  },
  {
    id: 'repository.key.remove',
    title: 'Remove a key; the last one stays',
    args: args({ key: text('identity of the key, or its beginning', { 'x-value': 'KEY' }), target }, ['key']),
    positionals: ['key'],
    danger: 'destroy',
    examples: ['holdfast repository key remove 4fd1c0aa --target main --yes'],
    load: () => import('./key-remove.ts'),
  },
  {
    id: 'repository.key.recovery',
    title: 'Make new recovery words',
    args: args({
      target,
      label: label('words', 'recovery words'),
      recoveryFile: text('write them to this file, which must not exist', names('file', 'FILE')),
    }),
    positionals: ['target'],
    danger: 'change',
    examples: ['holdfast repository key recovery main --recovery-file words.txt --yes'],
    load: () => import('./key-recovery.ts'),
  },
  {
    id: 'repository.key.rotate',
    title: 'Encrypt new data with new keys from now on',
    description:
      'What was written before stays readable, and every passphrase and set of recovery words goes on working: so each of them has to be given. The passphrase of the configuration is taken by itself; in a terminal the others are asked for. A key whose secret is lost is removed first.',
    args: args({
      target,
      passphrase: several('where another passphrase of it is: env:NAME, file:/path, …', { 'x-value': 'REF' }),
      words: several('where a set of its recovery words is: file:/path, …', { 'x-value': 'REF' }),
    }),
    positionals: ['target'],
    danger: 'change',
    examples: ['holdfast repository key rotate main --words file:/root/words.txt --yes'],
    load: () => import('./key-rotate.ts'),
  },
];
