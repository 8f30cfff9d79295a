import { describe, expect, test } from 'vitest';
import { makeFormat, parseFormat } from '../../../core/repository/format/repository-format.ts';
import { mutated, survives } from '../malformed.ts';

const id = '0123456789abcdef0123456789abcdef';
const good = (): Record<string, unknown> => JSON.parse(Buffer.from(makeFormat(id, 'blake3', 5)).toString('utf8'));
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

describe('format.json', () => {
  test('says what it was made with', () => {
    const format = parseFormat(makeFormat(id, 'sha256', 5));
    expect(format.suite.repositoryId).toBe(id);
    expect(format.suite.hash).toBe('sha256');
    expect(format.createdAt).toBe(5);
  });

  test('of a newer version is refused as such', () => {
    expect(() => parseFormat(bytes({ ...good(), version: 2 }))).toThrow(
      expect.objectContaining({ code: 'REPOSITORY_NEWER' }),
    );
  });

  test('that requires a feature which is not known is refused, an optional one is not', () => {
    expect(() => parseFormat(bytes({ ...good(), required: ['time-travel'] }))).toThrow(
      expect.objectContaining({ code: 'REPOSITORY_NEWER', message: expect.stringContaining('time-travel') }),
    );
    expect(parseFormat(bytes({ ...good(), optional: ['time-travel'] })).suite.repositoryId).toBe(id);
  });

  test.each(['hash', 'cipher'])('with another %s is refused as newer', (member) => {
    expect(() => parseFormat(bytes({ ...good(), [member]: 'rot13' }))).toThrow(
      expect.objectContaining({ code: 'REPOSITORY_NEWER' }),
    );
  });

  test('longer than 16 KiB is refused unread', () => {
    expect(() => parseFormat(bytes({ ...good(), more: 'x'.repeat(16 * 1024) }))).toThrow(/longer than 16384 bytes/);
  });

  test('10,000 malformed ones all end in a value or a clear error', () => {
    const refused = survives(mutated(good()), (value) => parseFormat(bytes(value)));
    expect(refused).toBeGreaterThan(5000);
  });
});
