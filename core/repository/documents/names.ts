import { randomBytes } from 'node:crypto';

/** 16 random bytes as 32 hexadecimal digits: leases, packs, manifests and repositories are named so. */
export const randomId = (): string => randomBytes(16).toString('hex');

export const commitName = (lease: string): string => `commits/${lease}`;
export const leaseName = (lease: string): string => `leases/${lease}`;
export const renewalName = (lease: string, number: number): string => `leases/${lease}.${number}`;
export const endName = (lease: string): string => `leases/${lease}.end`;
export const forgottenName = (point: string): string => `forgotten/${point}`;
export const manifestName = (machine: string, id: string): string => `manifests/${machine}/${id}`;

/** What a manifest's name must look like. */
export const manifestPattern = /^manifests\/[0-9a-f]{32}\/[0-9a-f]{32}$/;
/** What the identity of a restore point, lease, pack or index run must look like. */
export const idPattern = /^[0-9a-f]{32}$/;
