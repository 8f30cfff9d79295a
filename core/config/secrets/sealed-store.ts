import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Folders } from '../contract.ts';
import { lockFile } from '../file-lock.ts';
import { readText } from '../read-text.ts';
import { replaceFile } from '../replace-file.ts';
import { namePattern } from '../schema/core-schema.ts';
import { secretBytes } from './reference.ts';
import { damaged, type SealCost, type SealedSecrets, seal, sealCost, unseal } from './sealed-format.ts';

/** Gives the store's passphrase. `fresh`: the store is about to be made, so a person is asked twice. */
export type SealPassphrase = (fresh: boolean) => Promise<string>;

const maxSecrets = 1_000;

/** Secrets in one file of the data folder, sealed with one passphrase, which is asked for on first use and then held. */
export class SealedStore {
  readonly file: string;
  readonly #passphrase: SealPassphrase;
  readonly #cost: SealCost;
  #held: string | null = null;
  /** What the store held when it was last opened, with the text that it was opened from. */
  #opened: { readonly text: string; readonly secrets: SealedSecrets } | null = null;

  constructor(folders: Folders, passphrase: SealPassphrase, cost: SealCost = sealCost) {
    this.file = join(folders.data, 'sealed-secrets.json');
    this.#passphrase = passphrase;
    this.#cost = cost;
  }

  /** @returns `null` when nothing is sealed under this name. */
  async get(name: string): Promise<string | null> {
    return (await this.#open()).secrets.get(name) ?? null;
  }

  /** Names, in order. */
  async list(): Promise<string[]> {
    return [...(await this.#open()).secrets.keys()].toSorted();
  }

  /** Seals a secret, in place of one of the same name. @throws `NAME_INVALID`. */
  async set(name: string, value: string): Promise<void> {
    if (!new RegExp(namePattern).test(name)) {
      throw new HoldfastError('NAME_INVALID', 'the name of a sealed secret is not allowed', {
        remedy: 'take a–z, 0–9 and "-", a letter or digit first, at most 63',
      });
    }
    if (value === '' || Buffer.byteLength(value) > secretBytes) {
      throw new HoldfastError('SECRET_UNAVAILABLE', `a secret has 1 to ${secretBytes} bytes`);
    }
    await using _lock = await this.#lock();
    const { text, secrets } = await this.#open();
    if (secrets.size >= maxSecrets && !secrets.has(name)) throw tooMany();
    await this.#write(new Map([...secrets, [name, value]]), text);
  }

  /** Answers whether there was one. */
  async remove(name: string): Promise<boolean> {
    await using _lock = await this.#lock();
    const { text, secrets } = await this.#open();
    if (!secrets.has(name)) return false;
    await this.#write(new Map([...secrets].filter(([other]) => other !== name)), text);
    return true;
  }

  async #open(): Promise<{ readonly text: string | null; readonly secrets: SealedSecrets }> {
    const text = await this.#read();
    if (text === null) return { text, secrets: new Map() };
    if (this.#opened?.text === text) return this.#opened;
    const passphrase = this.#held ?? (await this.#passphrase(false));
    const secrets = await unseal(text, passphrase);
    // Kept only now that it has opened the store: a mistyped one must not stick.
    this.#held = passphrase;
    this.#opened = { text, secrets };
    return this.#opened;
  }

  async #lock(): Promise<AsyncDisposable> {
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    return await lockFile(this.file);
  }

  async #read(): Promise<string | null> {
    const read = await readText(this.file);
    if (read === null) return null;
    if ((read.mode & 0o077) !== 0) {
      throw new HoldfastError('SECRET_UNAVAILABLE', `others than its owner may open the sealed store ${this.file}`, {
        remedy: `\`chmod 600 ${this.file}\``,
        facts: { file: this.file },
      });
    }
    if (read.text.trim() === '') throw damaged('it is empty');
    return read.text;
  }

  async #write(secrets: SealedSecrets, before: string | null): Promise<void> {
    this.#held ??= await this.#passphrase(before === null);
    const text = await seal(secrets, this.#held, this.#cost);
    await replaceFile(this.file, text, { mode: 0o600 });
    this.#opened = { text, secrets };
  }
}

function tooMany(): HoldfastError {
  return new HoldfastError('SECRET_UNAVAILABLE', `the sealed store holds ${maxSecrets} secrets and takes no more`, {
    remedy: 'remove some that are no longer needed',
  });
}
