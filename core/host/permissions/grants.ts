import { HoldfastError, type Permissions } from '@holdfast/api';
import { type Filling, fill } from './fill.ts';
import { covers, realPath } from './paths.ts';

/** What one plugin may reach, with the settings of one endpoint, target or step filled in. */
export class Grants {
  readonly #plugin: string;
  readonly #permissions: Permissions;
  readonly #filling: Filling;

  constructor(plugin: string, permissions: Permissions, filling: Filling) {
    this.#plugin = plugin;
    this.#permissions = permissions;
    this.#filling = filling;
  }

  /** Leave to write is leave to read. The plugin's own data folder is always its own. */
  path(path: string, access: 'read' | 'write'): boolean {
    const real = realPath(path);
    if (real === null) return false;
    const { read = [], write = [] } = this.#permissions;
    const granted = [...write, ...(access === 'read' ? read : [])].flatMap((p) => fill(p, this.#filling));
    return [...granted, this.#filling.dataFolder].some((one) => covers(one, real));
  }

  network(host: string, port: number): boolean {
    return (this.#permissions.network ?? [])
      .flatMap((p) => fill(p, this.#filling))
      .some((granted) => {
        const colon = granted.lastIndexOf(':');
        const grantedHost = granted.slice(0, colon);
        const grantedPort = granted.slice(colon + 1);
        return (
          (grantedHost === '*' || grantedHost.toLowerCase() === host.toLowerCase()) &&
          (grantedPort === '*' || grantedPort === String(port))
        );
      });
  }

  secret(setting: string): boolean {
    return (this.#permissions.secrets ?? []).includes(setting);
  }

  /** @throws `PERMISSION_DENIED` */
  demandPath(path: string, access: 'read' | 'write'): void {
    if (!this.path(path, access)) throw this.#denied(`${access} ${path}`, { path, access });
  }

  /** @throws `PERMISSION_DENIED` */
  demandNetwork(host: string, port: number): void {
    if (!this.network(host, port)) throw this.#denied(`connect to ${host}:${port}`, { host, port });
  }

  /** @throws `PERMISSION_DENIED` */
  demandSecret(setting: string): void {
    if (!this.secret(setting)) throw this.#denied(`read the secret of ${setting}`, { setting });
  }

  #denied(what: string, facts: Readonly<Record<string, string | number>>): HoldfastError {
    return new HoldfastError('PERMISSION_DENIED', `${this.#plugin} has no leave to ${what}`, {
      remedy: `see what it may do with \`holdfast plugin show ${this.#plugin}\`; its manifest must ask for more, or its settings name another place`,
      facts: { plugin: this.#plugin, ...facts },
    });
  }
}
