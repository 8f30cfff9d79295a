/** One figure with what it is of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of figures. */
export interface Metric {
  /** `holdfast_` and words joined by `_`, the unit last: `_seconds`, `_bytes`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapedValue = (text: string): string => escapedHelp(text.toWellFormed()).replaceAll('"', '\\"');

const labelsOf = (labels: Sample['labels']): string => {
  const words = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return words.length === 0 ? '' : `{${words.join(',')}}`;
};

const numberOf = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
};

/**
 * Figures as Prometheus reads them. Families without a figure are left out.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4
 */
export function expose(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${escapedHelp(help)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${numberOf(value)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
