/** Characters that JSON allows unescaped but that act on a terminal or reorder what is read. */
const acting = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/**
 * One JSON document, indented by two. Bytes become base64, infinities `null`; whatever could act on a terminal is escaped, without loss.
 */
export function printJson(data: unknown): string {
  const text = JSON.stringify(
    data ?? null,
    (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value),
    2,
  );
  return text.replace(acting, escaped);
}
