import type { ShellCommand } from '../../contract.ts';
import { args } from '../../registry/declare.ts';

export const metricsCommands: readonly ShellCommand[] = [
  {
    id: 'metrics',
    title: 'Print figures for Prometheus',
    description:
      'For the textfile collector of the node exporter. `holdfast serve` answers Prometheus itself where the configuration has `metrics.listen`.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast metrics > /var/lib/node_exporter/holdfast.prom'],
    load: () => import('./metrics.ts'),
  },
];
