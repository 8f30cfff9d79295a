const maxDepth = 64;
/** What an item costs in a stream's window besides its bytes. */
const itemCost = 64;

/** A value ready to be posted. */
export interface Packed {
  readonly value: unknown;
  /** Buffers that nobody else holds: they change hands instead of being copied once more. */
  readonly transfer: readonly ArrayBuffer[];
  /** About how much memory it takes, in bytes. */
  readonly sizeBytes: number;
}

/**
 * Copies plain data for the way to another thread. Bytes are copied into a buffer of their own, which is then transferred:
 * the owner may keep and reuse what it gave, and never more is sent than what it gave.
 * @throws {TypeError} naming where something is no plain data, or nested deeper than 64.
 */
export function pack(value: unknown): Packed {
  const packer = new Packer();
  const copy = packer.copy(value, '', 0);
  return { value: copy, transfer: packer.transfer, sizeBytes: packer.sizeBytes };
}

class Packer {
  readonly transfer: ArrayBuffer[] = [];
  sizeBytes = 0;

  copy(value: unknown, path: string, depth: number): unknown {
    this.sizeBytes += itemCost;
    switch (typeof value) {
      case 'string':
        this.sizeBytes += value.length;
        return value;
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : this.#copyObject(value, path, depth);
      case 'bigint':
      case 'function':
      case 'symbol':
        throw notPlain(path, `a ${typeof value}`);
    }
  }

  #copyObject(value: object, path: string, depth: number): unknown {
    if (depth > maxDepth) throw notPlain(path, `nested deeper than ${maxDepth}`);
    if (value instanceof Uint8Array) {
      const bytes = new Uint8Array(value.byteLength);
      bytes.set(value);
      this.transfer.push(bytes.buffer);
      this.sizeBytes += bytes.byteLength;
      return bytes;
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => this.copy(item, `${path}[${index}]`, depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw notPlain(path, `an instance of ${value.constructor?.name ?? 'a class'}`);
    }
    const entries = Object.entries(value).map(([key, inner]) => {
      this.sizeBytes += key.length;
      return [key, this.copy(inner, `${path}.${key}`, depth + 1)];
    });
    return Object.fromEntries(entries);
  }
}

function notPlain(path: string, what: string): TypeError {
  return new TypeError(`${path === '' ? 'the value' : path.replace(/^\./, '')} is ${what}, which is not plain data`);
}
