import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';

type Wish = 'on' | 'off' | 'shutdown' | 'reset';

const consequences: Readonly<Record<Wish, (name: string) => string>> = {
  on: (name) => `starts ${name}`,
  shutdown: (name) => `asks the guest of ${name} to shut down`,
  off: (name) => `switches ${name} off as by pulling its plug: what its guest has not written to disk is lost`,
  reset: (name) => `starts ${name} anew as by its reset button: what its guest has not written to disk is lost`,
};

export const run: ShellHandler = async (site, args, call) => {
  const wish = textOf(args, 'wish') as Wish;
  const engine = await site.engine();
  const { endpoint, machine } = await engine.findMachine(textOf(args, 'name'), call);
  const hypervisor = await site.hypervisor(endpoint, call);
  if (hypervisor.power === undefined) {
    throw new HoldfastError('UNSUPPORTED', `endpoint ${endpoint} switches no machines on or off`, {
      remedy: 'use the hypervisor’s own tools',
      facts: { endpoint, machine: machine.id },
    });
  }
  const what = consequences[wish](machine.name);
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, endpoint, machine: machine.id, power: machine.power, wish },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  await hypervisor.power(machine.id, wish, call);
  // Asked anew: a guest that is asked to shut down may take its time, or refuse.
  const machines = await engine.listMachines(endpoint, call);
  const power = machines.find(({ id }) => id === machine.id)?.power ?? 'unknown';
  return {
    data: { endpoint, machine: machine.id, wish, power },
    view: detailView(machine.name, [
      ['done', 'Done', textCell(what)],
      ['power', 'Power now', textCell(power)],
    ]),
  };
};
