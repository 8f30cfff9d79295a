import type { ShellCommand } from '../../../shell/contract.ts';
import type { Bench, Page } from '../contract.ts';
import { addEndpointPage, addTargetPage } from './add/add-page.ts';
import { composePage } from './compose/compose-page.ts';
import { pointPage } from './point/point-page.ts';
import { policyPage } from './policy/policy-page.ts';
import { prunePage } from './prune-page.ts';
import { type Fields, wordOf } from './reading.ts';
import { restorePage } from './restore/restore-page.ts';
import { runPage } from './run/run-page.ts';

/**
 * The workflow that a command is part of, opened with what is given already; `null` when its form is all there is to it. A page that shows
 * one thing needs to know which.
 */
export function flowFor(bench: Bench, command: ShellCommand, given: Fields = {}): Page | null {
  switch (command.id) {
    case 'protect':
      return composePage(bench, command, given);
    case 'policy.set':
      return policyPage(bench, command, given);
    case 'restore.machine':
      return restorePage(bench, command, given);
    case 'endpoint.add':
      return addEndpointPage(bench, command, given);
    case 'target.add':
    case 'init':
      return addTargetPage(bench, command, given);
    case 'point.forget':
      return prunePage(bench, command, given);
    case 'point.show':
      return wordOf(given.point) === '' ? null : pointPage(bench, wordOf(given.point));
    case 'run.show':
    case 'run.watch':
      return wordOf(given.run) === '' ? null : runPage(bench, wordOf(given.run));
    default:
      return null;
  }
}
