import type { Command } from '@oclif/core/command';

/**
 * What oclif's explicit command strategy loads: the commands of this call, by id. Filled from the registry before oclif is started;
 * only the command that was named is there, because oclif reads every flag of everything it is given.
 */
export const COMMANDS: Record<string, Command.Class> = {};
