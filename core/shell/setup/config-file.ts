import { HoldfastError } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';
import { removeInstance, setInstance, userConfigFile } from '../../config/edit.ts';
import type { InstanceSection } from '../../config/merge.ts';
import type { Site } from '../contract.ts';

/** The file that commands write to: the one that `--config` names, else the user's own. */
export async function editedFile(site: Site): Promise<string> {
  const { configFile } = await site.configOptions();
  return configFile ?? userConfigFile(site.folders);
}

/** Writes an endpoint or target into the configuration; what is opened next sees it. */
export async function addToConfig(
  site: Site,
  section: InstanceSection,
  name: string,
  instance: Instance,
): Promise<void> {
  const { known } = await site.configOptions();
  await setInstance(await editedFile(site), section, name, instance, { known });
  await site.reload();
}

/**
 * Takes an endpoint or target out of the file that it stands in.
 * @throws `UNSUPPORTED` when it stands where commands do not write, naming the place.
 */
export async function removeFromConfig(site: Site, section: InstanceSection, name: string): Promise<void> {
  const { known } = await site.configOptions();
  const { origins } = await site.config();
  const origin = origins.get(`${section}.${name}.use`);
  const file = origin?.layer === 'environment' || origin === undefined ? null : origin.place;
  if (file === null || !(await removeInstance(file, section, name, { known }))) {
    throw new HoldfastError(
      'UNSUPPORTED',
      `${section.slice(0, -1)} ${name} is set by ${origin?.place ?? 'nothing known'}`,
      {
        remedy: 'take it out there',
      },
    );
  }
  await site.reload();
}
