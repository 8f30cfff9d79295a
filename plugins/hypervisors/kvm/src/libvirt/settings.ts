import type { Opening } from '@holdfast/api';

/** Settings of an endpoint, as libvirt.schema.json describes them. */
export interface LibvirtSettings {
  readonly uri: string;
  readonly host: string | null;
  readonly hostKey: string | null;
  readonly scratch: string | null;
  readonly images: string | null;
}

export function readSettings({ settings }: Opening): LibvirtSettings {
  const text = (key: string): string | null => {
    const value = settings[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    uri: text('uri') ?? 'qemu:///system',
    host: text('host'),
    hostKey: text('hostKey'),
    scratch: text('scratch'),
    images: text('images'),
  };
}
