/** Settings and folders that the placeholders of a permission stand for. */
export interface Filling {
  /** Settings of the endpoint, target or step: `${target.path}`, `${endpoint.folder}`, `${settings.any}`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The plugin's own data folder: `${plugin.data}`. */
  readonly dataFolder: string;
  /** The folder that the plugin lies in: `${plugin.folder}`. */
  readonly pluginFolder: string;
}

/**
 * A permission with its placeholders filled in: one text, several where a setting is a list, none where a setting is
 * missing or is no text. Nothing that was filled in is looked at again.
 */
export function fill(permission: string, filling: Filling): readonly string[] {
  const parts = permission.split(/(\$\{[a-z]+\.[A-Za-z0-9_-]+\})/);
  let filled: readonly string[] = [''];
  for (const part of parts) {
    const name = /^\$\{([a-z]+)\.([A-Za-z0-9_-]+)\}$/.exec(part);
    const values = name === null ? [part] : valuesOf(name[1] ?? '', name[2] ?? '', filling);
    filled = filled.flatMap((before) => values.map((value) => before + value));
  }
  return filled;
}

function valuesOf(whose: string, key: string, filling: Filling): readonly string[] {
  if (whose === 'plugin') return key === 'data' ? [filling.dataFolder] : key === 'folder' ? [filling.pluginFolder] : [];
  if (!Object.hasOwn(filling.settings, key)) return [];
  const value = filling.settings[key];
  const values = Array.isArray(value) ? value : [value];
  return values
    .filter((one): one is string | number => typeof one === 'string' || typeof one === 'number')
    .map(String)
    .filter((one) => one !== '' && !one.includes('\0'));
}
