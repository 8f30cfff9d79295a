import type { MessagePort } from 'node:worker_threads';
import type { Manifest } from '@holdfast/api';
import type { Handle } from './messages.ts';
import type { WireError } from './wire-error.ts';

/** What a plugin's worker is started with. */
export interface WorkerStart {
  readonly port: MessagePort;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly dataFolder: string;
  readonly resolvesHere: boolean;
  /** Folder of the host's compile cache, where it has one. */
  readonly compileCache: string | null;
}

/** The only thing that a plugin's worker says on its own port, once. */
export type FromWorker =
  | { readonly state: 'active'; readonly handle: Handle }
  | { readonly state: 'failed'; readonly error: WireError };
