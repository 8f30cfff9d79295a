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

/** The sections of `contributes`. */
export interface Contributes {
  readonly hypervisors?: readonly Contribution[];
  readonly targets?: readonly TargetContribution[];
  readonly techniques?: readonly TechniqueContribution[];
  readonly commands?: readonly CommandDeclaration[];
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
