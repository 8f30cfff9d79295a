import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sendMs } from '../../../core/engine/alarms/deliver.ts';

test('no notifier can be given more time than it is waited for', () => {
  for (const kind of ['command', 'mail', 'syslog', 'webhook']) {
    const file = join(import.meta.dirname, '../../../plugins/notifiers', kind, 'settings.schema.json');
    const { properties } = JSON.parse(readFileSync(file, 'utf8')) as {
      properties: { timeoutSeconds: { maximum: number; default: number } };
    };
    expect(properties.timeoutSeconds.maximum * 1000, kind).toBeLessThanOrEqual(sendMs);
    expect(properties.timeoutSeconds.default * 1000, kind).toBeLessThanOrEqual(sendMs);
  }
});
