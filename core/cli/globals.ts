import { HoldfastError } from '@holdfast/api';

/** Options that every command understands, wherever they stand on the command line. */
export interface GlobalOptions {
  /** A configuration file to read besides the usual ones. */
  readonly config: string | null;
  /** A folder that holds configuration, data and cache of an installation of its own. */
  readonly home: string | null;
}

/** The command line without its global options. */
export interface SplitLine {
  readonly globals: GlobalOptions;
  readonly rest: readonly string[];
}

const known = ['config', 'home'] as const;

/**
 * Takes `--config FILE` and `--home FOLDER` out of a command line; what follows `--` is left alone.
 * @throws `USAGE` when one is without its value or there twice.
 */
export function splitGlobals(argv: readonly string[]): SplitLine {
  const found: { config: string | null; home: string | null } = { config: null, home: null };
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(at));
      break;
    }
    const name = known.find((option) => word === `--${option}` || word.startsWith(`--${option}=`));
    if (name === undefined) {
      rest.push(word);
      continue;
    }
    if (found[name] !== null) throw new HoldfastError('USAGE', `--${name} is given twice`, { remedy: 'give it once' });
    const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[++at];
    if (value === undefined || value === '' || value.startsWith('--')) {
      throw new HoldfastError('USAGE', `--${name} is without its value`, {
        remedy: name === 'config' ? 'name a file: `--config FILE`' : 'name a folder: `--home FOLDER`',
      });
    }
    found[name] = value;
  }
  return { globals: found, rest };
}
