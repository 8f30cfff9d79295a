import { isAbsolute } from 'node:path';
import type { SecretReference } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { type ProgramEnd, runProgram } from './program.ts';
import { secretBytes, secretText, unavailable } from './reference.ts';
import { splitWords } from './words.ts';

const commandLimits = { maxMs: 10_000, maxBytes: secretBytes };
/** A keyring may have to ask its owner to open it. */
const keyringLimits = { maxMs: 60_000, maxBytes: secretBytes };

/** `command:program arg …`: what the program prints. */
export async function commandSecret(
  reference: SecretReference,
  command: string,
  env: Environment,
  signal: AbortSignal,
): Promise<string> {
  const [program, ...args] = splitWords(command) ?? [];
  if (program === undefined || program === '') {
    throw unavailable(reference, 'no program is named, or a quote is not closed', 'write it as for a shell');
  }
  if (program.includes('/') && !isAbsolute(program)) {
    throw unavailable(reference, 'the program’s path is not absolute', 'write its whole path, or only its name');
  }
  const end = await runProgram([program, ...args], env, commandLimits, signal);
  return secretText(reference, output(reference, program, end, commandLimits.maxMs));
}

/** `keyring:service/account`: from the desktop's keyring through the program secret-tool of libsecret. */
export async function keyringSecret(
  reference: SecretReference,
  entry: string,
  env: Environment,
  signal: AbortSignal,
): Promise<string> {
  const slash = entry.indexOf('/');
  const service = entry.slice(0, slash);
  const account = entry.slice(slash + 1);
  if (slash < 1 || account === '') {
    throw unavailable(reference, 'a service or an account is missing', 'write keyring:service/account');
  }
  const lookup = ['secret-tool', 'lookup', 'service', service, 'account', account] as const;
  const end = await runProgram([...lookup], env, keyringLimits, signal);
  if (end.kind === 'absent') {
    throw unavailable(
      reference,
      'the program secret-tool is not here, so the keyring cannot be read',
      'install libsecret-tools, or use another kind of reference, for example sealed:',
    );
  }
  if (end.kind === 'failed' && end.exit === 1) {
    throw unavailable(
      reference,
      'the keyring has no such entry, or is not open',
      `\`secret-tool store --label=Holdfast service ${service} account ${account}\``,
    );
  }
  return secretText(reference, output(reference, 'secret-tool', end, keyringLimits.maxMs));
}

function output(reference: SecretReference, program: string, end: ProgramEnd, maxMs: number): Buffer {
  switch (end.kind) {
    case 'done':
      return end.output;
    case 'absent':
      throw unavailable(reference, `${program} cannot be started (${end.errno})`, 'install it, or correct its name');
    case 'too-slow':
      throw unavailable(reference, `${program} did not end within ${maxMs / 1000} s`, 'try it by hand');
    case 'too-much':
      throw unavailable(
        reference,
        `${program} printed more than ${secretBytes} bytes`,
        'have it print the secret only',
      );
    case 'failed': {
      const how = end.killedBy === null ? `ended with ${end.exit ?? 'no exit code'}` : `was ended by ${end.killedBy}`;
      throw unavailable(reference, `${program} ${how}`, 'try it by hand; what it said is not shown here');
    }
  }
}
