import type { ShellCommand } from '../contract.ts';
import { alarmCommands } from './alarm/declare.ts';
import { applyCommands } from './apply/declare.ts';
import { approvalCommands } from './approval/declare.ts';
import { auditCommands } from './audit/declare.ts';
import { completionCommands } from './completion/declare.ts';
import { configCommands } from './config/declare.ts';
import { doctorCommands } from './doctor/declare.ts';
import { endpointCommands } from './endpoint/declare.ts';
import { initCommands } from './init/declare.ts';
import { keysCommands } from './keys/declare.ts';
import { machineCommands } from './machine/declare.ts';
import { metricsCommands } from './metrics/declare.ts';
import { notifierCommands } from './notifier/declare.ts';
import { overviewCommands } from './overview/declare.ts';
import { planCommands } from './plan/declare.ts';
import { pluginCommands } from './plugin/declare.ts';
import { pointCommands } from './point/declare.ts';
import { policyCommands } from './policy/declare.ts';
import { editingCommands } from './policy/declare-editing.ts';
import { protectCommands } from './protect/declare.ts';
import { quickstartCommands } from './quickstart/declare.ts';
import { reportCommands } from './report/declare.ts';
import { repositoryCommands } from './repository/declare.ts';
import { restoreCommands } from './restore/declare.ts';
import { runCommands } from './run/declare.ts';
import { scheduleCommands } from './schedule/declare.ts';
import { secretCommands } from './secret/declare.ts';
import { sessionCommands } from './session/declare.ts';
import { targetCommands } from './target/declare.ts';
import { themeCommands } from './theme/declare.ts';
import { userCommands } from './user/declare.ts';
import { viewCommands } from './view/declare.ts';

/** All commands that Holdfast has by itself. Declarations only: a handler is loaded when its command runs. */
export const builtInCommands: readonly ShellCommand[] = [
  ...overviewCommands,
  ...initCommands,
  ...quickstartCommands,
  ...endpointCommands,
  ...machineCommands,
  ...targetCommands,
  ...protectCommands,
  ...planCommands,
  ...applyCommands,
  ...policyCommands,
  ...editingCommands,
  ...scheduleCommands,
  ...notifierCommands,
  ...alarmCommands,
  ...metricsCommands,
  ...runCommands,
  ...pointCommands,
  ...restoreCommands,
  ...repositoryCommands,
  ...configCommands,
  ...pluginCommands,
  ...secretCommands,
  ...userCommands,
  ...approvalCommands,
  ...auditCommands,
  ...sessionCommands,
  ...doctorCommands,
  ...viewCommands,
  ...reportCommands,
  ...themeCommands,
  ...keysCommands,
  ...completionCommands,
];
