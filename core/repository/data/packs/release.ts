/**
 * Gives memory back at once, if these bytes are all that it holds. What ciphers answer lies outside of the heap and would otherwise stay until
 * the small object that holds it is collected: in threads that make few objects, megabytes pile up.
 */
export function release(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}
