import { setTimeout as rest } from 'node:timers/promises';
import { type Figure, part } from './figures.ts';
import { type Guest, openServed } from './served.ts';
import { quiet, shows } from './talk.ts';

/** Logs in and goes to the machines. */
export async function sitDown(open: () => Promise<Guest>): Promise<Guest> {
  const guest = await open();
  await shows(guest, 'Overview');
  guest.type('2');
  await shows(guest, 'vm-00003');
  return guest;
}

const keyEveryMs = 250;
const loginsAtOnce = 4;

/** Many sessions in one server; half of them type. */
export async function measureCrowd(sessions: number, seconds: number): Promise<Figure[]> {
  const served = await openServed();
  const guests: Guest[] = [];
  try {
    const empty = (await served.usage()).residentBytes;
    while (guests.length < sessions) {
      const more = Array.from({ length: Math.min(loginsAtOnce, sessions - guests.length) }, () =>
        sitDown(served.guest),
      );
      guests.push(...(await Promise.all(more)));
    }
    await rest(1000);
    const idle = await served.usage();
    await rest(5000);
    const idleCpu = (await served.usage()).cpuMs / 5000;
    const typing = guests.slice(0, sessions / 2);
    const waits = (await Promise.all(typing.map((guest, index) => type(guest, index / typing.length, seconds)))).flat();
    const busy = await served.usage();
    const how = `${typing.length} of ${sessions} sessions type 4 keys/s for ${seconds} s, one client process`;
    return [
      { what: `${sessions} sessions: key → first byte, p50`, value: part(waits, 0.5), unit: 'ms', atMost: null, how },
      { what: `${sessions} sessions: key → first byte, p99`, value: part(waits, 0.99), unit: 'ms', atMost: 100, how },
      {
        what: `${sessions} sessions typing: processor`,
        value: (busy.cpuMs / (seconds * 1000)) * 100,
        unit: '% of one',
        atMost: null,
      },
      { what: `${sessions} sessions idle: processor`, value: idleCpu * 100, unit: '% of one', atMost: null },
      {
        what: `${sessions} sessions: memory of the process`,
        value: busy.residentBytes / 2 ** 20,
        unit: 'MiB',
        atMost: null,
        how: `${(empty / 2 ** 20).toFixed(0)} MiB with none, ${(idle.residentBytes / 2 ** 20).toFixed(0)} MiB idle`,
      },
    ];
  } finally {
    for (const guest of guests) await guest.close();
    await served.close();
  }
}

/** Types at a steady pace, whether the last key was answered or not, as a person does. */
async function type(guest: Guest, shift: number, seconds: number): Promise<number[]> {
  const waits: number[] = [];
  let began: number | null = null;
  const undo = guest.onData(() => {
    if (began !== null) waits.push(performance.now() - began);
    began = null;
  });
  await rest(shift * keyEveryMs);
  for (let i = 0; i < seconds * (1000 / keyEveryMs); i++) {
    // Not answered yet: it counts from the first key.
    began ??= performance.now();
    guest.type(i % 20 < 10 ? 'j' : 'k');
    await rest(keyEveryMs);
  }
  undo();
  return waits;
}

/** A client that takes nothing while it goes on typing. */
export async function measureStalled(seconds: number): Promise<Figure[]> {
  const served = await openServed();
  try {
    const guest = await sitDown(() => served.guest({ cols: 400, rows: 150 }));
    await quiet(guest);
    await served.usage();
    guest.stopReading();
    const until = performance.now() + seconds * 1000;
    let keys = 0;
    while (performance.now() < until) {
      guest.type(keys % 2 === 0 ? '1' : '2');
      keys += 1;
      await rest(4);
    }
    const { mostQueuedBytes } = await served.usage();
    await guest.close();
    return [
      {
        what: 'client that stops reading: most bytes queued',
        value: mostQueuedBytes / 1024,
        unit: 'KiB',
        atMost: 256,
        how: `it changes the view ${keys} times in ${seconds} s; what the kernel holds is not counted`,
      },
    ];
  } finally {
    await served.close();
  }
}
