import type { Cost } from './answer.ts';
import { cost, type Question } from './common.ts';
import { amount, amountOrNull, list, object, oneOf, text, yesNo } from './shape.ts';

/** Values of the answers about agents in guests (G1 to G16). A technique of the family `agent` gives them. */
export interface AgentAnswers {
  readonly G1: readonly ('guest' | 'machine' | 'console')[];
  readonly G2: { readonly dedupe: boolean; readonly compress: boolean };
  readonly G3: readonly ('fixed' | 'removable' | 'remote' | 'cloud')[];
  readonly G4: {
    readonly covers: readonly ('files' | 'volumes' | 'system-state' | 'applications')[];
    readonly bareMetal: boolean;
  };
  readonly G5: readonly ('file-system' | 'virtual-disk' | 'raw-device')[];
  /** `needs` names drivers and software to install; empty for none. */
  readonly G6: { readonly cost: Cost; readonly needs: readonly string[] };
  /** Processor seconds for a gigabyte read, measured; `null` when not known. `on` is whose processor. */
  readonly G7: { readonly cpuSecondsPerGb: number | null; readonly on: 'guest' | 'proxy' | 'server' };
  readonly G8: {
    readonly inFlight: boolean;
    readonly atRest: boolean;
    readonly keys: 'none' | 'passphrase' | 'managed';
  };
  /** Whether chunks are aligned for a target that deduplicates, and whether nothing is compressed twice. */
  readonly G9: { readonly alignedChunks: boolean; readonly noDoubleCompression: boolean };
  readonly G10: { readonly usesSnapshots: boolean; readonly quiesces: boolean };
  /** Share of the host's processors (0 to 1) with so many agents at work, measured; `null` when not known. */
  readonly G11: { readonly agents: number; readonly hostCpuRatio: number | null };
  /** Scripts that an administrator has to write. */
  readonly G12: { readonly scripts: number; readonly reason: string };
  readonly G13: readonly ('image' | 'incremental' | 'differential' | 'file')[];
  /** Size of what is installed in megabytes, and whether it stays there between runs. */
  readonly G14: { readonly form: 'agent' | 'light-client'; readonly installedMb: number; readonly resident: boolean };
  /** What it gives that a backup from outside cannot. */
  readonly G15: {
    readonly gives: readonly (
      | 'item-restore'
      | 'log-truncation'
      | 'application-quiesce'
      | 'bare-metal'
      | 'open-files'
    )[];
    readonly worth: string;
  };
  readonly G16: 'none' | 'backup-server' | 'proxy';
}

export const agentQuestions: { readonly [K in keyof AgentAnswers]: Question<AgentAnswers[K]> } = {
  G1: {
    title: 'where it lives',
    question: 'Where does the agent exist, in the VM, on a guest OS or in a console subsystem?',
    value: list(oneOf('guest', 'machine', 'console'), 1),
  },
  G2: {
    title: 'reduces at the source',
    question: 'Can the agent reduce the data footprint with deduplication and compression?',
    value: object({ dedupe: yesNo, compress: yesNo }),
  },
  G3: {
    title: 'where data goes',
    question: 'Where does data get backed-up too (local fixed or removable media, remote cloud)?',
    value: list(oneOf('fixed', 'removable', 'remote', 'cloud'), 1),
  },
  G4: {
    title: 'what it covers',
    question: 'What data does the agent backup, can a full bare metal restore be performed, or, only user files?',
    value: object({ covers: list(oneOf('files', 'volumes', 'system-state', 'applications'), 1), bareMetal: yesNo }),
  },
  G5: {
    title: 'disks',
    question: 'Does the agent backup VM file system or virtual disks as well as raw devices?',
    value: list(oneOf('file-system', 'virtual-disk', 'raw-device'), 1),
  },
  G6: {
    title: 'licence and drivers',
    question: 'How is the software licensed, and what additional drivers or software are needed?',
    value: object({ cost, needs: list(text) }),
  },
  G7: {
    title: 'overhead of reduction',
    question: 'How does the agent handle data compression or deduplication, and what is the server overhead?',
    value: object({ cpuSecondsPerGb: amountOrNull, on: oneOf('guest', 'proxy', 'server') }),
  },
  G8: {
    title: 'encryption and keys',
    question: 'What are the data security capabilities including encryption and key management?',
    value: object({ inFlight: yesNo, atRest: yesNo, keys: oneOf('none', 'passphrase', 'managed') }),
  },
  G9: {
    title: 'with deduplicating targets',
    question: 'How can disk based backup targets with built-in deduplication enhance backup performance?',
    value: object({ alignedChunks: yesNo, noDoubleCompression: yesNo }),
  },
  G10: {
    title: 'snapshots and quiesce',
    question: 'Can the agents integrate with VM snapshots or quiesce to minimize downtime?',
    value: object({ usesSnapshots: yesNo, quiesces: yesNo }),
  },
  G11: {
    title: 'impact on a host',
    question: 'What is the performance impact on the physical server of running multiple VM agent backups?',
    value: object({ agents: amount, hostCpuRatio: amountOrNull }),
  },
  G12: {
    title: 'scripting needed',
    question: 'What scripting or customization is required to support the agent-based backup?',
    value: object({ scripts: amount, reason: text }),
  },
  G13: {
    title: 'levels',
    question: 'What level or granularity of backups are provided, full image, differential or incremental, file based?',
    value: list(oneOf('image', 'incremental', 'differential', 'file'), 1),
  },
  G14: {
    title: 'agent or light client',
    question: 'Is the software really an agent or, light weight client software able to backup individual servers?',
    value: object({ form: oneOf('agent', 'light-client'), installedMb: amount, resident: yesNo }),
  },
  G15: {
    title: 'worth over agentless',
    question: 'Does the client or agent software provide significant value to off-set IRM maintenance concerns?',
    value: object({
      gives: list(oneOf('item-restore', 'log-truncation', 'application-quiesce', 'bare-metal', 'open-files')),
      worth: text,
    }),
  },
  G16: {
    title: 'dedicated server',
    question: 'Does the client or agent software require a dedicated backup or proxy server for operation?',
    value: oneOf('none', 'backup-server', 'proxy'),
  },
};
