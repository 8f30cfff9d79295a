import type { Call, Hypervisor, Machine } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Config, Instance, Secrets } from '../../config/contract.ts';
import { openedFor } from '../../config/instance.ts';
import type { PluginHost } from '../../host/contract.ts';
import { nearest } from '../compose/nearest.ts';
import { type Handouts, rememberHandouts } from './handouts.ts';
import { openingOf } from './opening.ts';

/** More machines than one endpoint lists; a list that never ends must not fill our memory. */
const mostMachines = 200_000;

/** Configured endpoints. The host opens each once, on first use, and closes it. */
export class Endpoints {
  readonly #config: Config;
  readonly #host: PluginHost;
  readonly #secrets: Secrets;
  readonly #catalog: Catalog;

  constructor(config: Config, host: PluginHost, secrets: Secrets, catalog: Catalog) {
    this.#config = config;
    this.#host = host;
    this.#secrets = secrets;
    this.#catalog = catalog;
  }

  names(): readonly string[] {
    return Object.keys(this.#config.endpoints);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#config.endpoints, name);
  }

  /** @throws `ENDPOINT_NOT_FOUND`, and what opening it throws. */
  async open(name: string, call: Call): Promise<Hypervisor> {
    const instance = this.#instance(name);
    const opening = this.#host.openHypervisor(openingOf(name, instance, this.#secrets, call), call);
    return openedFor('endpoints', name, instance.use, opening);
  }

  /** An endpoint as the steps of a run use it; what it hands out is remembered. */
  async openForRun(name: string, handouts: Handouts, call: Call): Promise<Hypervisor> {
    return rememberHandouts(await this.open(name, call), name, handouts);
  }

  /** The inventory of an endpoint; the catalog remembers it. */
  async machines(name: string, call: Call): Promise<readonly Machine[]> {
    const hypervisor = await this.open(name, call);
    const machines: Machine[] = [];
    for await (const machine of hypervisor.machines(call)) {
      machines.push(machine);
      if (machines.length > mostMachines)
        throw new HoldfastError('PLUGIN_FAILED', `endpoint ${name} lists more than ${mostMachines} machines`);
    }
    await this.#catalog.seenMachines(name, machines);
    return machines;
  }

  #instance(name: string): Instance {
    const instance = this.has(name) ? this.#config.endpoints[name] : undefined;
    if (instance !== undefined) return instance;
    const [guess] = nearest(name, this.names(), 1);
    const list = '`holdfast endpoint list` shows what there is';
    throw new HoldfastError('ENDPOINT_NOT_FOUND', `no endpoint is called ${name}`, {
      remedy: guess === undefined ? list : `did you mean ${guess}? ${list}`,
      facts: { endpoint: name },
    });
  }
}
