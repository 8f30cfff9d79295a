/** A place of the workbench; its views come from declarations that name it. */
export interface Activity {
  readonly id: string;
  readonly title: string;
  /** Where room is short. */
  readonly short: string;
  /** `g` and this letter go there, as does its number. */
  readonly letter: string;
}

/** In the order of the activity bar; the first is key `1`. */
export const activities: readonly Activity[] = [
  { id: 'overview', title: 'Overview', short: 'Home', letter: 'o' },
  { id: 'machines', title: 'Machines', short: 'Machines', letter: 'm' },
  { id: 'runs', title: 'Runs', short: 'Runs', letter: 'r' },
  { id: 'points', title: 'Restore points', short: 'Points', letter: 'p' },
  { id: 'targets', title: 'Targets and media', short: 'Targets', letter: 't' },
  { id: 'policies', title: 'Policies', short: 'Policy', letter: 'l' },
  { id: 'plugins', title: 'Plugins', short: 'Plugins', letter: 'x' },
  { id: 'audit', title: 'Audit', short: 'Audit', letter: 'a' },
  { id: 'settings', title: 'Settings', short: 'Setup', letter: 's' },
];
