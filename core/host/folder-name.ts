/** The folder that belongs to a plugin: its npm name with the `/` of a scope as `+`, which no npm name has. */
export function folderName(plugin: string): string {
  return plugin.replace('/', '+');
}
