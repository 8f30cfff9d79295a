import { join } from 'node:path';
import { type AuditLog, openAudit } from '../../audit/open.ts';
import type { Site } from '../../contract.ts';

/** The log of an installation, for those who look after it. Reading it makes nothing, so nobody has to close it. */
export const auditLogOf = (site: Site): Promise<AuditLog> =>
  openAudit({ folder: join(site.folders.data, 'audit'), now: () => site.now() });
