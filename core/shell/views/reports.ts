import type { ReportDeclaration } from '@holdfast/api';

/** Reports that Holdfast has by itself. */
export const builtInReports: readonly ReportDeclaration[] = [
  { id: 'protection', title: 'What is protected and what is not', command: 'overview' },
  { id: 'rpo', title: 'How well promises were kept', command: 'report.rpo' },
  { id: 'failures', title: 'Runs that failed', command: 'run.list', args: { state: 'failed', limit: 1000 } },
  { id: 'points', title: 'All restore points', command: 'point.list' },
  { id: 'targets', title: 'Whether targets are in order', command: 'target.doctor' },
];
