/** A run of bytes on a disk, from `offset`, `length` bytes long. Both are bytes, at least 0, and safe integers. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Disk image formats that the kit can read. `raw` has no structure: byte n of the file is byte n of the disk. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vhd' | 'vhdx';

/**
 * Where the bytes of a disk are. A plugin hands this out and core's workers fetch the bytes themselves,
 * several at once. The host checks each descriptor against the plugin's granted permissions before it is opened.
 */
export type DiskSource = FileSource | RepositorySource | NbdSource | StreamSource;

/** An image in a file on this machine. */
export interface FileSource {
  readonly kind: 'file';
  /** Absolute path of the image. */
  readonly path: string;
  readonly format: DiskFormat;
  /** Backing files, nearest first, each absolute. Empty when the image stands alone. */
  readonly chain: readonly { readonly path: string; readonly format: DiskFormat; readonly stamp?: string }[];
  /** Size of the virtual disk in bytes, as the plugin saw it; a reader that finds another size fails with `DISK_CHANGED`. */
  readonly sizeBytes: number;
  /** What the file was when the plugin handed it out (`@holdfast/kit/disk/stamp`); a reader that finds another fails with `DISK_CHANGED`. */
  readonly stamp?: string;
}

/** A disk of a restore point in a repository. */
export interface RepositorySource {
  readonly kind: 'repository';
  /** Name of the target that holds the repository. */
  readonly target: string;
  /** Identity of the restore point. */
  readonly point: string;
  /** Key of the disk within the point, as in `PointDisk.key`. */
  readonly disk: string;
  readonly sizeBytes: number;
}

/** A network block device. */
export interface NbdSource {
  readonly kind: 'nbd';
  /** A socket's absolute path, or a host and port. */
  readonly address: { readonly socket: string } | { readonly host: string; readonly port: number };
  readonly export: string;
  /** Absent for a link that needs no TLS. */
  readonly tls?: NbdTls;
  readonly sizeBytes: number;
}

/** How an NBD link is secured. The server's certificate is always verified. */
export interface NbdTls {
  /** Certificates of the authorities to trust, in PEM. */
  readonly ca: string;
  /** Name that the server's certificate must have. */
  readonly serverName: string;
}

/** A source that can be read only once, front to back; the last resort. */
export interface StreamSource {
  readonly kind: 'stream';
  /** Identity of the stream at the host, which gets the bytes from the plugin. */
  readonly stream: string;
  readonly sizeBytes: number;
}

/** Where a disk is written to. */
export type DiskSink = FileSink | NbdSink | RepositorySink;

/** An image file that the plugin has made, of the full size, holding only zeros. Workers write to it at any offset. */
export interface FileSink {
  readonly kind: 'file';
  readonly path: string;
  /** `raw` is written in place. Other formats are made from a raw file by the plugin in `closeSink`. */
  readonly format: 'raw';
  readonly sizeBytes: number;
}

export interface NbdSink {
  readonly kind: 'nbd';
  readonly address: { readonly socket: string } | { readonly host: string; readonly port: number };
  readonly export: string;
  /** Absent for a link that needs no TLS. */
  readonly tls?: NbdTls;
  readonly sizeBytes: number;
}

/** A disk of a restore point that is being written. `writer` is what `RepositoryHandle.begin` answered. */
export interface RepositorySink {
  readonly kind: 'repository';
  readonly target: string;
  readonly writer: string;
  readonly disk: string;
  readonly sizeBytes: number;
}
