import { type DiskSink, type DiskSource, HoldfastError, type NbdSource, type ObjectLocation } from '@holdfast/api';
import type { Grants } from './grants.ts';

/** Refuses a source that a plugin hands out and that it has no leave for itself. Core opens it with its own rights. */
export function demandSource(grants: Grants, source: DiskSource): void {
  switch (source.kind) {
    case 'file':
      grants.demandPath(source.path, 'read');
      for (const backing of source.chain) grants.demandPath(backing.path, 'read');
      return;
    case 'nbd':
      demandAddress(grants, source.address, 'read');
      return;
    case 'stream':
      return;
    case 'repository':
      throw foreign(source.kind);
    default:
      throw foreign(String((source as { readonly kind: unknown }).kind));
  }
}

/** The same for a place to write to. */
export function demandSink(grants: Grants, sink: DiskSink): void {
  switch (sink.kind) {
    case 'file':
      grants.demandPath(sink.path, 'write');
      return;
    case 'nbd':
      demandAddress(grants, sink.address, 'write');
      return;
    case 'repository':
      throw foreign(sink.kind);
    default:
      throw foreign(String((sink as { readonly kind: unknown }).kind));
  }
}

/** The same for an object of a store. */
export function demandLocation(grants: Grants, location: ObjectLocation): void {
  if (location.kind !== 'file') throw foreign(String((location as { readonly kind: unknown }).kind));
  grants.demandPath(location.path, 'read');
}

function demandAddress(grants: Grants, address: NbdSource['address'], access: 'read' | 'write'): void {
  if ('socket' in address) grants.demandPath(address.socket, access);
  else grants.demandNetwork(address.host, address.port);
}

function foreign(kind: string): HoldfastError {
  return new HoldfastError('PERMISSION_DENIED', `a plugin may not hand out a disk of kind ${kind}`, {
    facts: { kind },
  });
}
