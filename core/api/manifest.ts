import type { Plain } from './call.ts';
import type { CommandDeclaration } from './command.ts';
import type { SheetFamily } from './sheet/sheet.ts';
import type { Port } from './technique.ts';
import type { JsonSchema } from './view.ts';

/** A hypervisor, target or technique that a manifest contributes. Paths are relative to the plugin's folder. */
export interface Contribution {
  readonly id: string;
  readonly title: string;
  /** Path of the JSON schema of its settings. A property with `"secret": true` takes a secret reference. */
  readonly settings: string;
  /** Path of the capability sheet. */
  readonly answers: string;
}

export interface TargetContribution extends Contribution {
  readonly shape: 'object-store' | 'media-library';
}

export interface TechniqueContribution extends Contribution {
  /** Ports of the step, so that a workflow is checked without loading the plugin. */
  readonly needs: readonly Port[];
  readonly gives: readonly Port[];
  /** Families of the paper's questions that its sheet answers; empty for a technique that none of them is about. */
  readonly sheet: readonly Exclude<SheetFamily, 'target'>[];
}

/** A way to reach administrators. The paper asks nothing of it, so it has no capability sheet. */
export type NotifierContribution = Omit<Contribution, 'answers'>;

/** What a plugin may reach; nothing else is reachable to one that is sandboxed. `${target.path}` and the like name settings. */
export interface Permissions {
  /** Paths that may be read. */
  readonly read?: readonly string[];
  /** Paths that may be written. */
  readonly write?: readonly string[];
  /** Hosts that may be connected to, as `host:port`, `*` for any of either. */
  readonly network?: readonly string[];
  /** Programs that may be run. */
  readonly run?: readonly string[];
  /** Settings whose secrets it may read. */
  readonly secrets?: readonly string[];
}

/** What a row of a view offers: a command that takes the row's id. */
export interface RowAction {
  /** Key in that view, as bindings are written: `p`, `ctrl+r`. Absent: only in the menu. The person's own keys go first. */
  readonly key?: string;
  readonly title: string;
  readonly command: string;
  /** Argument of the command that gets the id of the row. */
  readonly argument: string;
  /** Whether the argument is a list that takes all marked rows. Default is `false`. */
  readonly several?: boolean;
}

/** A view of the workbench: a command that reads, whose answer is drawn and asked for again while it is looked at. */
export interface ViewDeclaration {
  readonly id: string;
  readonly title: string;
  /** Where it stands: `overview`, `machines`, `runs`, `points`, `targets`, `policies`, `plugins`, `audit`, `settings`, or `panel`. */
  readonly activity: string;
  /** A command of danger `read`. */
  readonly command: string;
  readonly args?: Readonly<Record<string, Plain>>;
  /** How often it is asked again while it is looked at, in milliseconds; at least 1,000. Absent: when something changed. */
  readonly refreshMs?: number;
  /** What Enter does with a row. */
  readonly open?: RowAction;
  readonly actions?: readonly RowAction[];
  /** Context in which it is there. Absent: always. */
  readonly when?: string;
}

/** A key that runs a command. Where two claim one key the later one loses that key alone, and a person sees both. */
export interface KeybindingDeclaration {
  /** `ctrl+k`, or two in a row: `g m`. */
  readonly key: string;
  readonly command: string;
  readonly args?: Readonly<Record<string, Plain>>;
  readonly when?: string;
}

/** A VS Code colour theme. */
export interface ThemeDeclaration {
  readonly id: string;
  readonly label: string;
  readonly uiTheme: 'vs-dark' | 'vs' | 'hc-black' | 'hc-light';
  /** Path of its JSON file. */
  readonly path: string;
}

/** A view that is made to be sent or printed. */
export interface ReportDeclaration {
  readonly id: string;
  readonly title: string;
  /** A command of danger `read`. */
  readonly command: string;
  readonly args?: Readonly<Record<string, Plain>>;
}

/** First steps with something. */
export interface WalkthroughDeclaration {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly {
    readonly title: string;
    /** Markdown. */
    readonly text: string;
    /** Offered as a button. */
    readonly command?: string;
    /** Context in which the step counts as done: `endpoints > 0`. */
    readonly doneWhen?: string;
  }[];
}

/** The sections of `contributes`. */
export interface Contributes {
  readonly hypervisors?: readonly Contribution[];
  readonly targets?: readonly TargetContribution[];
  readonly techniques?: readonly TechniqueContribution[];
  readonly notifiers?: readonly NotifierContribution[];
  readonly commands?: readonly CommandDeclaration[];
  readonly views?: readonly ViewDeclaration[];
  readonly keybindings?: readonly KeybindingDeclaration[];
  readonly themes?: readonly ThemeDeclaration[];
  readonly reports?: readonly ReportDeclaration[];
  readonly walkthroughs?: readonly WalkthroughDeclaration[];
  /** Settings of the plugin itself, in the configuration under `plugins.<name>`. */
  readonly configuration?: JsonSchema;
}

/** A plugin's `package.json`, as far as the host reads it. It is read without running code. */
export interface Manifest {
  /** npm package name. */
  readonly name: string;
  readonly version: string;
  readonly displayName?: string;
  readonly description?: string;
  /** Path of the module that exports `activate`: a `.ts` or `.js` file. */
  readonly main: string;
  readonly engines: { readonly holdfast: string };
  readonly contributes: Contributes;
  readonly permissions?: Permissions;
}
