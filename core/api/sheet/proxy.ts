import type { Cost, DiskKind } from './answer.ts';
import { cost, diskKinds, type Question } from './common.ts';
import { amountOrNull, list, object, oneOf, text, yesNo } from './shape.ts';

/** Ways in which a proxy reaches the bytes of a disk. */
export type ProxyInterface = 'file' | 'nbd' | 'hotadd' | 'https' | 'ssh' | 'nas' | 'iscsi' | 'fibre-channel' | 'sas';

/** Values of the answers about proxies (P1 to P8). A technique of the family `proxy` gives them. */
export interface ProxyAnswers {
  readonly P1: readonly DiskKind[];
  readonly P2: readonly ProxyInterface[];
  /** Whether whole images and single files can be protected and restored; `systems` names guest systems, `any` for all. */
  readonly P3: { readonly image: boolean; readonly file: boolean; readonly systems: readonly string[] };
  /** Processor seconds of the host for a gigabyte read when the proxy runs on it, measured; `null` when not known. */
  readonly P4: { readonly hostCpuSecondsPerGb: number | null; readonly advice: string };
  readonly P5: {
    readonly cost: Cost;
    /** How consistent what it reads can be, by itself or with the hypervisor's help. */
    readonly consistency: readonly ('crash' | 'filesystem' | 'application' | 'memory')[];
  };
  readonly P6: 'none-needed' | 'by-hand' | 'automatic';
  /** Backups and snapshots at once; `null` for no limit of its own. */
  readonly P7: { readonly maxBackups: number | null; readonly maxSnapshots: number | null };
  /** Guest systems and file systems whose single files can be restored; empty for none. */
  readonly P8: { readonly systems: readonly string[]; readonly fileSystems: readonly string[] };
}

export const proxyQuestions: { readonly [K in keyof ProxyAnswers]: Question<ProxyAnswers[K]> } = {
  P1: {
    title: 'disks',
    question: 'Does the proxy-based backup work with virtual disks or raw physical volumes?',
    value: diskKinds,
  },
  P2: {
    title: 'interfaces',
    question: 'What I/O interfaces are supported for proxy-based backup direct attached, SAS, SAN or NAS?',
    value: list(oneOf('file', 'nbd', 'hotadd', 'https', 'ssh', 'nas', 'iscsi', 'fibre-channel', 'sas'), 1),
  },
  P3: {
    title: 'image and file',
    question: 'Can full image and file level backup and restore be performed and for what OS?',
    value: object({ image: yesNo, file: yesNo, systems: list(text) }),
  },
  P4: {
    title: 'impact on the host',
    question: 'What is the performance impact of hosting proxy in a VM on the same physical server as guest VMs?',
    value: object({ hostCpuSecondsPerGb: amountOrNull, advice: text }),
  },
  P5: {
    title: 'licence and consistency',
    question: 'What licenses fees are required along with application integration for data consistency?',
    value: object({ cost, consistency: list(oneOf('crash', 'filesystem', 'application', 'memory'), 1) }),
  },
  P6: {
    title: 'mapping and zoning',
    question: 'How are LUNs and volume mapping, masking and zoning changes handled for the proxy?',
    value: oneOf('none-needed', 'by-hand', 'automatic'),
  },
  P7: {
    title: 'at once',
    question: 'How many concurrent backups can run on a proxy, how many concurrent snapshots?',
    value: object({ maxBackups: amountOrNull, maxSnapshots: amountOrNull }),
  },
  P8: {
    title: 'single files',
    question: 'What guest operating systems and/or file systems can be restored on an individual file basis?',
    value: object({ systems: list(text), fileSystems: list(text) }),
  },
};
