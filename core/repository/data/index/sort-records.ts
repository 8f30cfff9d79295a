/** Records of one first byte sorted at a time: a key of 32 bits and a number of 21 bits fit a double exactly. */
const MOST_AT_ONCE = 2 ** 21;

/**
 * The order of fixed-size records by their first 32 bytes, then by the u32 that follows.
 * @returns Record numbers.
 */
export function sortRecords(bytes: Buffer, recordBytes: number): Uint32Array {
  const count = bytes.length / recordBytes;
  const order = new Uint32Array(count);
  // Small caches have hundreds of parts with hardly anything in them.
  if (count < 2) return order;
  const starts = groupByFirstByte(bytes, recordBytes, order);
  for (let byte = 0; byte < 256; byte++) {
    const start = starts[byte] as number;
    const end = starts[byte + 1] as number;
    if (end - start > 1) sortGroup(bytes, recordBytes, order.subarray(start, end));
  }
  return order;
}

function groupByFirstByte(bytes: Buffer, recordBytes: number, order: Uint32Array): Uint32Array {
  const starts = new Uint32Array(257);
  for (let i = 0; i < order.length; i++) {
    const next = (bytes[i * recordBytes] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] as number) + (starts[byte] as number);
  const free = starts.slice();
  for (let i = 0; i < order.length; i++) {
    const byte = bytes[i * recordBytes] as number;
    const at = free[byte] as number;
    order[at] = i;
    free[byte] = at + 1;
  }
  return starts;
}

function sortGroup(bytes: Buffer, recordBytes: number, group: Uint32Array): void {
  const compare = (a: number, b: number): number =>
    bytes.compare(bytes, b * recordBytes, b * recordBytes + 32, a * recordBytes, a * recordBytes + 32) ||
    bytes.readUInt32LE(a * recordBytes + 32) - bytes.readUInt32LE(b * recordBytes + 32);
  if (group.length > MOST_AT_ONCE) {
    group.sort(compare);
    return;
  }
  const keys = new Float64Array(group.length);
  for (let i = 0; i < group.length; i++) {
    keys[i] = bytes.readUInt32BE((group[i] as number) * recordBytes + 1) * MOST_AT_ONCE + i;
  }
  keys.sort();
  const unsorted = group.slice();
  for (let i = 0; i < group.length; i++) group[i] = unsorted[(keys[i] as number) % MOST_AT_ONCE] as number;
  // Equal in five bytes is rare, but for chunks that lie in two packs: put the few neighbours right.
  for (let i = 1; i < group.length; i++) {
    const moved = group[i] as number;
    let to = i;
    for (; to > 0 && compare(group[to - 1] as number, moved) > 0; to--) group[to] = group[to - 1] as number;
    group[to] = moved;
  }
}
