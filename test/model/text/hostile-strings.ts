import fc from 'fast-check';

const fragments = [
  '\x1b[2J\x1b[H',
  '\x1b]52;c;ZWNobyBwd25lZA==\x07',
  '\x1b]0;owned\x1b\\',
  '\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\',
  '\x1b[6n',
  '\x1bP+q544e\x1b\\',
  '\x9b31m',
  '\x9d0;title\x9c',
  '\x1b[?1049h',
  '\r\n',
  '\x07\x08\x0b\x0c\x00\x7f\x85',
  '\u202egnp.exe\u202c',
  '\u2066\u2067\u2068\u2069\u200e\u200f\u061c',
  '\u2028\u2029\ufeff\u00ad\u200b\u2060\u3164',
  '\ud800',
  '\udfff',
  '\u{e0041}\u{e007f}',
  `Z${'\u0335\u0310'.repeat(40)}`,
  '👩‍👩‍👧‍👦🏽',
  'می‌خواهم',
  '../../etc/passwd',
  "'; DROP TABLE runs; --",
  '"$(reboot)`id`',
  '\ufffe\uffff',
  '__proto__',
  'erp-db',
];

/** Text as a hostile hypervisor, guest or plugin could send it. */
export const hostileString: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0, max: 0x9f }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
);

/** The same strings every time. */
export const hostileStrings = (count: number): string[] =>
  fc.sample(hostileString, { numRuns: count, seed: 20_260_101 });
