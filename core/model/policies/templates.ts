/** A policy to begin with. */
export interface PolicyTemplate {
  readonly name: 'gold' | 'silver' | 'bronze';
  /** One line. */
  readonly title: string;
  /** A whole policy file with its comments; `$NAME`, `$ZONE`, `$SELECTOR`, `$TARGET` and `$QUIESCE` stand for what a site has to say. */
  readonly text: string;
}

/** What a site puts in the place of what a template leaves open. */
export interface TemplateWords {
  /** Name of the policy. Default is that of the template. */
  readonly name?: string;
  readonly target: string;
  /** An endpoint whose machines alone are protected; `null` for any. */
  readonly endpoint?: string | null;
  /** IANA time zone. */
  readonly zone: string;
  /** How still guests are held. Default is `filesystem`; a hypervisor that cannot takes `none`. */
  readonly quiesce?: 'none' | 'filesystem' | 'application';
}

const gold = `# Gold: machines that the house cannot work without. At most four hours of work are lost.
zone: $ZONE
policies:
  $NAME:
    title: Machines that the house cannot work without
    # Machines with the tag gold; names with * and folders can be named too.
    protect: $SELECTOR
    # What is promised: plan refuses what cannot keep it, and says why.
    objective: { rpo: 4h, rto: 1h, change: 5% }
    # Each machine begins at its own time within this, so that not all begin at once.
    jitter: 10m
    workflows:
      backup:
        schedule: 0 */2 * * *
        steps:
          - snapshot: { quiesce: $QUIESCE }
          - proxy: { to: $TARGET }
    keep:
      $TARGET: { hourly: 24, daily: 14, weekly: 8, monthly: 12 }
`;

const silver = `# Silver: machines that people work with. At most a day of work is lost.
zone: $ZONE
policies:
  $NAME:
    title: Machines that people work with
    # Machines with the tag silver; names with * and folders can be named too.
    protect: $SELECTOR
    # What is promised: plan refuses what cannot keep it, and says why.
    objective: { rpo: 1d, rto: 4h, change: 5% }
    # Each machine begins at its own time within this, so that not all begin at once.
    jitter: 30m
    workflows:
      backup:
        schedule: 0 12,22 * * *
        steps:
          - snapshot: { quiesce: $QUIESCE }
          - proxy: { to: $TARGET }
    keep:
      $TARGET: { daily: 14, weekly: 8, monthly: 6 }
`;

const bronze = `# Bronze: machines that could be built again. At most eight days of work are lost.
zone: $ZONE
policies:
  $NAME:
    title: Machines that could be built again
    # Machines with the tag bronze; names with * and folders can be named too.
    protect: $SELECTOR
    # What is promised: plan refuses what cannot keep it, and says why.
    objective: { rpo: 8d, rto: 1d, change: 3% }
    # Each machine begins at its own time within this, so that not all begin at once.
    jitter: 1h
    workflows:
      backup:
        schedule: Sat 22:00
        steps:
          - snapshot: { quiesce: none }
          - proxy: { to: $TARGET }
    keep:
      $TARGET: { weekly: 8, monthly: 6 }
`;

/** The policies that come with Holdfast, the strictest first. */
export const policyTemplates: readonly PolicyTemplate[] = [
  { name: 'gold', title: 'every two hours, at most four hours of work lost', text: gold },
  { name: 'silver', title: 'twice a day, at most a day of work lost', text: silver },
  { name: 'bronze', title: 'once a week, at most eight days of work lost', text: bronze },
];

/** A template as a file that can be planned and applied. */
export function filledTemplate({ name: own, text }: PolicyTemplate, words: TemplateWords): string {
  const { name = own, target, endpoint = null, zone, quiesce = 'filesystem' } = words;
  const selector = `{ ${endpoint === null ? '' : `endpoint: ${endpoint}, `}tags: [${own}] }`;
  const filled: Readonly<Record<string, string>> = {
    NAME: name,
    ZONE: zone,
    SELECTOR: selector,
    TARGET: target,
    QUIESCE: quiesce,
  };
  return text.replaceAll(/\$([A-Z]+)/g, (_, word: string) => filled[word] ?? '');
}
