import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { Folders, SecretReference, Secrets } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { fileSecret, systemdSecret } from './file-secret.ts';
import { secretText, splitReference, unavailable } from './reference.ts';
import type { SealCost } from './sealed-format.ts';
import type { SealedStore, SealPassphrase } from './sealed-store.ts';

export interface SecretsOptions {
  readonly env: Environment;
  readonly folders: Folders;
  /** Asks a person without showing what is typed. Absent: there is nobody to ask. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Where the passphrase of the sealed store comes from. Default is HOLDFAST_SEAL_PASSPHRASE_FROM. */
  readonly sealPassphrase?: SecretReference | undefined;
  /** Work factors of a sealed store that is made or written. */
  readonly sealCost?: SealCost | undefined;
}

/** Opens the way to secrets. Nothing is read or asked before a reference is resolved. */
export function openSecrets(options: SecretsOptions): SecretsAndStore {
  return new ResolvingSecrets(options);
}

/** Secrets, and the sealed store among them for setting, listing and removing. */
export interface SecretsAndStore extends Secrets {
  sealed(): Promise<SealedStore>;
}

class ResolvingSecrets implements SecretsAndStore {
  readonly #options: SecretsOptions;
  #store: Promise<SealedStore> | null = null;

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  async resolve(reference: SecretReference, signal: AbortSignal): Promise<string> {
    throwIfCancelled(signal, 'reading a secret');
    const { env } = this.#options;
    const { scheme, rest } = splitReference(reference);
    switch (scheme) {
      case 'env':
        return environmentSecret(reference, rest, env);
      case 'file':
        return await fileSecret(reference, rest);
      case 'systemd':
        return await systemdSecret(reference, rest, env);
      case 'command':
        return await (await import('./program-secret.ts')).commandSecret(reference, rest, env, signal);
      case 'keyring':
        return await (await import('./program-secret.ts')).keyringSecret(reference, rest, env, signal);
      case 'sealed':
        return await this.#unsealed(reference, rest);
    }
  }

  async sealed(): Promise<SealedStore> {
    this.#store ??= import('./sealed-store.ts').then(
      ({ SealedStore }) => new SealedStore(this.#options.folders, this.#passphrase, this.#options.sealCost),
    );
    return await this.#store;
  }

  async #unsealed(reference: SecretReference, name: string): Promise<string> {
    const value = await (await this.sealed()).get(name);
    if (value !== null) return value;
    throw unavailable(
      reference,
      'nothing is sealed under this name',
      `\`holdfast config secret set ${name}\`, or correct the name`,
    );
  }

  readonly #passphrase: SealPassphrase = async (fresh) => {
    const { env, ask, sealPassphrase = env.HOLDFAST_SEAL_PASSPHRASE_FROM } = this.#options;
    const given = env.HOLDFAST_SEAL_PASSPHRASE;
    if (given !== undefined && given !== '') return given;
    if (sealPassphrase !== undefined && sealPassphrase !== '') {
      if (sealPassphrase.startsWith('sealed:')) {
        throw unavailable(sealPassphrase, 'the sealed store cannot hold its own key', 'refer to another place');
      }
      return await this.resolve(sealPassphrase, new AbortController().signal);
    }
    if (ask === undefined) {
      throw new HoldfastError(
        'SECRET_UNAVAILABLE',
        'the sealed store wants its passphrase and there is nobody to ask',
        {
          remedy: 'set HOLDFAST_SEAL_PASSPHRASE, or HOLDFAST_SEAL_PASSPHRASE_FROM to a reference like systemd:seal',
        },
      );
    }
    const typed = await ask(fresh ? 'Choose a passphrase for the sealed store' : 'Passphrase of the sealed store');
    if (typed === '') throw new HoldfastError('SECRET_UNAVAILABLE', 'the passphrase of the sealed store is empty');
    if (fresh && (await ask('Once more, to be sure')) !== typed) {
      throw new HoldfastError('SECRET_UNAVAILABLE', 'the two passphrases differ', { remedy: 'try again' });
    }
    return typed;
  };
}

/** `env:NAME`: a variable of this process. */
function environmentSecret(reference: SecretReference, name: string, env: Environment): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw unavailable(reference, 'this is not the name of a variable', 'write env:NAME');
  }
  const value = env[name];
  if (value === undefined) throw unavailable(reference, 'the variable is not set', `set ${name}`);
  return secretText(reference, Buffer.from(value));
}
