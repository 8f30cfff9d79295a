import { type ServiceShape, services } from '@holdfast/api';

const opening = { service: 'opening' } as const;

/** The activated plugin itself, as the host asks it. */
const plugin: ServiceShape = {
  data: [],
  methods: {
    openHypervisor: { takes: ['plain', opening, 'call'], gives: { service: 'hypervisor' } },
    openObjectStore: { takes: ['plain', opening, 'call'], gives: { service: 'objectStore' } },
    openMediaLibrary: { takes: ['plain', opening, 'call'], gives: { service: 'mediaLibrary' } },
    openNotifier: { takes: ['plain', opening, 'call'], gives: { service: 'notifier' } },
    step: { takes: ['plain'], gives: { service: 'step' } },
    runCommand: { takes: ['plain', 'plain', 'call'], gives: 'plain' },
    deactivate: { takes: [], gives: 'plain' },
  },
};

/** How everything crosses, by name: the contract's services, and the plugin that they come from. */
export const shapes: ReadonlyMap<string, ServiceShape> = new Map([...Object.entries(services), ['plugin', plugin]]);

/** Arguments that the callee may use for as long as the connection lives: a secret can be asked for at any time. */
export const isKept = (service: string): boolean => service === 'opening';
