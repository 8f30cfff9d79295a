import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ErrorCode, HoldfastError, type Step } from '@holdfast/api';

interface StumbleSettings {
  readonly folder?: string;
  readonly how: 'not' | 'bug' | 'error' | 'nothing' | 'deaf' | 'steal';
  readonly code: ErrorCode;
  readonly times: number;
  readonly slot?: string;
  readonly holdMs: number;
}

/** A step that fails as its settings say. It writes down in `attempts.log` that it was tried. */
export const stumbleStep: Step<StumbleSettings> = {
  needs: ['restore-point'],
  gives: ['copy'],
  async plan() {
    return { title: 'stumble', readBytes: 0, writeBytes: 0, durationMs: 0, slots: [], warnings: [], why: [] };
  },
  async run(input, settings, run) {
    const { how, code, times, slot, holdMs, folder = '/nonexistent' } = settings;
    const file = join(folder, 'attempts.log');
    const tried = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
    appendFileSync(file, `${run.attempt} ${JSON.stringify(run.resume)}\n`);
    await run.checkpoint({ tried });
    if (slot !== undefined) {
      await run.slot(slot);
      appendFileSync(join(folder, 'slots.log'), '+');
      await wait(holdMs);
      appendFileSync(join(folder, 'slots.log'), '-');
    }
    const point = input['restore-point'];
    if (how === 'steal')
      await run.move(
        { kind: 'file', path: '/etc/passwd', format: 'raw', chain: [], sizeBytes: 1024 },
        { kind: 'file', path: join(folder, 'stolen'), format: 'raw', sizeBytes: 1024 },
        {},
      );
    if (tried < times) {
      if (how === 'bug') throw new TypeError('cannot read properties of undefined');
      if (how === 'error') throw new HoldfastError(code, 'told to fail');
      if (how === 'nothing') return {};
      // Does not listen to the signal.
      if (how === 'deaf') await wait(60_000, undefined, { ref: false });
    }
    return { copy: { target: point?.target ?? 'none', point: point?.point ?? 'none' } };
  },
  async undo() {},
};
