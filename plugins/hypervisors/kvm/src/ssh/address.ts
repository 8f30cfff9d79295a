import { userInfo } from 'node:os';
import { HoldfastError } from '@holdfast/api';

/** Where and as whom to log in. */
export interface SshAddress {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

const shape =
  /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@)?(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?$/;

/** Reads `user@host:port`; without a user it is the one that Holdfast runs as. @throws `CONFIG_INVALID` */
export function readAddress(text: string, self: () => string = () => userInfo().username): SshAddress {
  const found = shape.exec(text);
  const port = Number(found?.[4] ?? 22);
  const host = found?.[2] ?? found?.[3];
  if (host === undefined || port < 1 || port > 65_535) {
    throw new HoldfastError('CONFIG_INVALID', `${JSON.stringify(text.slice(0, 80))} names no host`, {
      remedy: 'write `user@host` or `user@host:port`, an IPv6 address in brackets',
    });
  }
  return { user: found?.[1] ?? self(), host, port };
}

export const addressText = ({ user, host, port }: SshAddress): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
