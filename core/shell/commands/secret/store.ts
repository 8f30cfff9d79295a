import { openSecrets, type SecretsAndStore } from '../../../config/secrets/open-secrets.ts';
import type { Site } from '../../contract.ts';

/** Secrets with the sealed store among them. */
export async function secretsOf(site: Site): Promise<SecretsAndStore> {
  const { ask, folders } = site;
  const { env } = await site.configOptions();
  const hidden = ask === null ? undefined : (question: string) => ask.text(question, { secret: true });
  return openSecrets({ env, folders, ask: hidden });
}
