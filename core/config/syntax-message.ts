import type { ErrorCode } from 'yaml';

const messages: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'an alias takes neither anchor nor tag',
  BAD_ALIAS: 'an alias without its anchor, or with a bad name',
  BAD_DIRECTIVE: 'an unknown % directive',
  BAD_DQ_ESCAPE: 'an unknown escape after \\ in quoted text',
  BAD_INDENT: 'the indentation does not fit what stands before it',
  BAD_PROP_ORDER: 'an anchor or tag in the wrong place',
  BAD_SCALAR_START: 'text may not begin with this sign: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map or list may not begin on the line of a key',
  BLOCK_IN_FLOW: 'indented lists and maps may not stand inside brackets',
  KEY_OVER_1024_CHARS: 'a key longer than 1,024 characters',
  MISSING_CHAR: 'a bracket, quote, comma, colon or blank is missing here',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line',
  MULTIPLE_ANCHORS: 'a value takes one anchor only',
  MULTIPLE_DOCS: 'a second document: one file holds one configuration',
  MULTIPLE_TAGS: 'a value takes one tag only',
  TAB_AS_INDENT: 'a tab in the indentation: use blanks',
  TAG_RESOLVE_FAILED: 'an unknown ! tag, or a value that does not fit its tag',
  UNEXPECTED_TOKEN: 'not understood from here on',
};

/** What is wrong by YAML's own code. Its own texts are not used: they quote the file, which may hold a secret in the wrong place. */
export function syntaxMessage(code: ErrorCode): string {
  return messages[code] ?? 'not valid YAML from here on';
}
