import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02 §7). */
export const status = { eof: 1, noSuchFile: 2, denied: 3, failure: 4, unsupported: 8, ok: 0 } as const;

/** What one request is answered with. */
export type Answer =
  | { readonly kind: 'status'; readonly code: number; readonly message: string }
  | { readonly kind: 'handle'; readonly handle: Buffer }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'names'; readonly names: readonly FileEntry[] }
  | { readonly kind: 'attributes'; readonly attributes: Attributes };

const said = (code: number, message: string): Answer => ({ kind: 'status', code, message });

export const ok = said(status.ok, 'done');
export const endOfFile = said(status.eof, 'there is no more');
export const noSuchFile = said(status.noSuchFile, 'there is no such file or folder');
export const readOnly = said(status.denied, 'restore points are read-only');
export const failure = (message: string): Answer => said(status.failure, message);
export const denied = (message: string): Answer => said(status.denied, message);
export const unsupported = said(status.unsupported, 'this server does not know that');

export function send(sftp: SFTPWrapper, request: number, answer: Answer): void {
  if (answer.kind === 'status') sftp.status(request, answer.code, answer.message);
  else if (answer.kind === 'handle') sftp.handle(request, answer.handle);
  else if (answer.kind === 'data') sftp.data(request, answer.bytes);
  else if (answer.kind === 'names') sftp.name(request, [...answer.names]);
  else sftp.attrs(request, answer.attributes);
}
