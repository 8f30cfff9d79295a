import { isAbsolute, join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { policyBounds } from '../../config/policies/bounds.ts';
import { type ReadPolicies, readPolicies } from '../../config/policies/read.ts';
import { decodeText, readText } from '../../config/read-text.ts';
import type { Site } from '../contract.ts';

/** Name of the policy file that is looked for beside the configuration when none is in force and none is named. */
const usualName = 'policies.yaml';

/** The policy file that a person means who names none: that of the policies in force, else the person's own. */
export async function usualPolicyFile(site: Site): Promise<string> {
  const applied = await (await site.engine()).policies.applied();
  return applied !== null && isAbsolute(applied.source) ? applied.source : join(site.folders.config, usualName);
}

/**
 * Reads the policy file that is named, from the working folder; `-` is stdin.
 * @throws {HoldfastError} `POLICY_INVALID` with all problems; `CONFIG_UNREADABLE`; `USAGE` when there is no such file, or nobody to read from.
 */
export async function wantedPolicies(site: Site, named: string | null): Promise<ReadPolicies> {
  if (named === '-') return readPolicies(await readStdin(site), 'stdin');
  const file = named === null ? await usualPolicyFile(site) : resolve(named);
  const read = await readText(file);
  if (read === null)
    throw new HoldfastError('USAGE', `there is no policy file ${file}`, {
      remedy:
        named === null
          ? 'name one with `-f FILE`; `holdfast policy template gold --to TARGET` prints one to begin with'
          : 'name another one',
      facts: { file },
    });
  return readPolicies(read.text, file);
}

/** What is piped into this program. Only somebody at its own console can. */
async function readStdin(site: Site): Promise<string> {
  if (site.actor.from !== 'local' || process.stdin.isTTY)
    throw new HoldfastError('USAGE', 'nothing is piped in, so `-f -` has nothing to read', {
      remedy: 'name a file with `-f FILE`',
    });
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of process.stdin) {
    const bytes: Buffer = Buffer.from(part as Buffer);
    length += bytes.length;
    if (length > policyBounds.fileBytes)
      throw new HoldfastError('POLICY_INVALID', `more than ${policyBounds.fileBytes} bytes are piped in`);
    parts.push(bytes);
  }
  return decodeText('stdin', Buffer.concat(parts));
}
