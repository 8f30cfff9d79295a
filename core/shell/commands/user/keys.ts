import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { looksLikeKey, parsePublicKey } from '../../access/public-key.ts';

const mostBytes = 64 * 1024;

/** Public keys from texts and files, each as it is kept. @throws `USAGE`. */
export async function readKeys(given: readonly string[]): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const one of given) {
    const texts = looksLikeKey(one) || one.includes('PRIVATE KEY') ? [one] : await linesOf(one);
    keys.push(...texts.map((text) => parsePublicKey(text).line));
  }
  return keys;
}

async function linesOf(file: string): Promise<readonly string[]> {
  const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
  const text = await textOf(path);
  if (text.includes('PRIVATE KEY')) return [parsePublicKey('PRIVATE KEY').line];
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length > 0) return keys;
  throw new HoldfastError('USAGE', `${file} holds no public key`, { remedy: 'name a .pub file' });
}

async function textOf(path: string): Promise<string> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isFile() && stat.size <= mostBytes) return await handle.readFile('utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed';
    throw new HoldfastError('USAGE', `${path} is no public key, and as a file it cannot be read: ${code}`, {
      remedy: 'name the .pub file, or put the whole line of the key in quotes',
      cause,
    });
  }
  throw new HoldfastError('USAGE', `${path} is no small file`, { remedy: 'name a .pub file' });
}
