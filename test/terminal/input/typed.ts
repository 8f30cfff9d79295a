import { setTimeout as wait } from 'node:timers/promises';
import type { Input } from '../../../core/terminal/contract.ts';
import { Decoder } from '../../../core/terminal/input/decoder.ts';

const shown = (input: Input): string => {
  if (input.kind === 'paste') return `paste(${input.text})`;
  if (input.kind === 'key') return input.name;
  return `${input.action} ${input.button} ${input.x},${input.y}`;
};

/** What a decoder makes of packets: names of keys, `paste(…)`, `press left 3,4`. Waits until it waits for nothing more. */
export async function typed(...packets: readonly (string | Uint8Array)[]): Promise<string[]> {
  return (await inputs(...packets)).map(shown);
}

export async function inputs(...packets: readonly (string | Uint8Array)[]): Promise<Input[]> {
  const seen: Input[] = [];
  const decoder = new Decoder((input) => seen.push(input));
  for (const packet of packets) decoder.feed(typeof packet === 'string' ? Buffer.from(packet) : packet);
  while (decoder.isWaiting) await wait(5);
  decoder.close();
  return seen;
}
