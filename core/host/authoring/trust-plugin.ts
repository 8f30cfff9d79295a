import { HoldfastError } from '@holdfast/api';
import { TrustStore } from '../trust/trust-store.ts';
import { addedPlugin } from './added-plugin.ts';
import type { PluginFolders } from './folders.ts';
import { permissionWords } from './permission-words.ts';

/** What an administrator has to see before trusting a plugin. */
export interface TrustQuestion {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** What it asks for, in sentences that follow `may`. */
  readonly permissions: readonly string[];
  /** What trust means, in a sentence. */
  readonly meaning: string;
  readonly contentHash: string;
  readonly isTrusted: boolean;
}

/**
 * What to show before `trustPlugin`.
 * @throws `PLUGIN_NOT_FOUND`, `PLUGIN_INVALID`.
 */
export function trustQuestion(folders: PluginFolders, name: string): TrustQuestion {
  const { manifest, folder, problems, contentHash, trusted } = addedPlugin(folders, name);
  const [first] = problems;
  if (first !== undefined) {
    throw new HoldfastError('PLUGIN_INVALID', `${name}: ${first.file}${first.path} ${first.message}`, {
      remedy: `see all of it with \`holdfast plugin show ${name}\``,
      facts: { plugin: name, problems: problems.length },
    });
  }
  return {
    name,
    version: manifest.version,
    folder,
    permissions: permissionWords(manifest.permissions ?? {}),
    meaning:
      'It runs with your rights, in a thread of its own: Holdfast holds the disks and paths that it hands out against these permissions and contains its accidents, but cannot stop it from doing harm on purpose. Trust ends when any of its files changes.',
    contentHash,
    isTrusted: trusted,
  };
}

/**
 * Trusts a plugin with the very content that was shown.
 * @param contentHash `TrustQuestion.contentHash`: what somebody changed in the meantime is not trusted.
 * @throws `PLUGIN_NOT_FOUND`, `PLUGIN_INVALID`, `PLUGIN_UNTRUSTED` when the content is another one now.
 */
export function trustPlugin(folders: PluginFolders, name: string, contentHash: string): TrustQuestion {
  const question = trustQuestion(folders, name);
  if (question.contentHash !== contentHash) {
    throw new HoldfastError('PLUGIN_UNTRUSTED', `${name} has changed since it was shown`, {
      remedy: `look again with \`holdfast plugin trust ${name}\``,
      facts: { plugin: name },
    });
  }
  new TrustStore(folders.addedFolder).trust(name, contentHash);
  return { ...question, isTrusted: true };
}
