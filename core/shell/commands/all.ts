import type { ShellCommand } from '../contract.ts';
import { completionCommands } from './completion/declare.ts';
import { configCommands } from './config/declare.ts';
import { doctorCommands } from './doctor/declare.ts';
import { endpointCommands } from './endpoint/declare.ts';
import { initCommands } from './init/declare.ts';
import { machineCommands } from './machine/declare.ts';
import { pluginCommands } from './plugin/declare.ts';
import { pointCommands } from './point/declare.ts';
import { protectCommands } from './protect/declare.ts';
import { quickstartCommands } from './quickstart/declare.ts';
import { repositoryCommands } from './repository/declare.ts';
import { restoreCommands } from './restore/declare.ts';
import { runCommands } from './run/declare.ts';
import { secretCommands } from './secret/declare.ts';
import { targetCommands } from './target/declare.ts';

/** All commands that Holdfast has by itself. Declarations only: a handler is loaded when its command runs. */
export const builtInCommands: readonly ShellCommand[] = [
  ...initCommands,
  ...quickstartCommands,
  ...endpointCommands,
  ...machineCommands,
  ...targetCommands,
  ...protectCommands,
  ...runCommands,
  ...pointCommands,
  ...restoreCommands,
  ...repositoryCommands,
  ...configCommands,
  ...pluginCommands,
  ...secretCommands,
  ...doctorCommands,
  ...completionCommands,
];
