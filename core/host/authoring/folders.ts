/** Folders that the commands for plugins work on. */
export interface PluginFolders {
  /** Folder that holds the shipped plugins, two levels deep. */
  readonly shippedFolder: string;
  /** Folder of added plugins. */
  readonly addedFolder: string;
  /** Where plugin data folders are made. */
  readonly dataFolder: string;
}
