import { randomBytes } from 'node:crypto';

/** 16 random bytes as 32 hexadecimal digits: leases, packs, manifests and repositories are named so. */
export const randomId = (): string => randomBytes(16).toString('hex');

export const commitName = (lease: string): string => `commits/${lease}`;
export const leaseName = (lease: string): string => `leases/${lease}`;
export const renewalName = (lease: string, number: number): string => `leases/${lease}.${number}`;
export const endName = (lease: string): string => `leases/${lease}.end`;
export const forgottenName = (point: string): string => `forgotten/${point}`;
/** All saved catalogs. */
export const CATALOGS_PREFIX = 'catalogs/';
export const catalogName = (site: string, id: string): string => `${CATALOGS_PREFIX}${site}/${id}`;
/** @param object Name of the document that the part belongs to. */
export const catalogPartName = (object: string, number: number): string => `${object}.${number}`;
export const manifestName = (machine: string, id: string): string => `manifests/${machine}/${id}`;

/** What a manifest's name must look like. */
export const manifestPattern = /^manifests\/[0-9a-f]{32}\/[0-9a-f]{32}$/;
/** What the document of a saved catalog, and a part of one, must be called: the document, the number of the part. */
export const catalogPattern = /^(catalogs\/[0-9a-f]{32}\/[0-9a-f]{32})(?:\.(0|[1-9][0-9]{0,3}))?$/;
/** What the identity of a restore point, lease, pack or index run must look like. */
export const idPattern = /^[0-9a-f]{32}$/;
