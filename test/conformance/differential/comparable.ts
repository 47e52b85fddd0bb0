import { byteString, bytesOf } from '../../../base/bytes.ts';
import { decodeKeyValue } from '../../../proto/gen/etcd.ts';

/** Fields that hold encoded KeyValues. */
const KEY_VALUES: ReadonlySet<string> = new Set(['kvs', 'prevKv', 'prevKvs', 'kv']);

/** Lists without an order of their own: the keys of a lease come as from a Go map, members by ids that each cluster chose. */
const UNORDERED: ReadonlySet<string> = new Set(['keys', 'members']);

/** Numbers that depend on how a server works inside: only whether there is one is compared. */
const INNER: ReadonlySet<string> = new Set(['raftTerm', 'raftIndex', 'raftAppliedIndex', 'dbSize', 'dbSizeInUse']);

/** Ids above this were chosen by a server; the steps use smaller ones. */
const CHOSEN = 1n << 32n;

/**
 * Makes the answers of two servers comparable: ids that a server chose are named by the order in which they came up, URLs by what they
 * are, and numbers of the inside only by their sign. Everything else stays as it came.
 */
export class Names {
  readonly #ids = new Map<bigint, string>();
  readonly #urls: readonly (readonly [url: string, name: string])[];

  readonly #members = new Map<string, string>();

  constructor(urls: readonly (readonly [url: string, name: string])[]) {
    this.#urls = urls;
  }

  /** Gives an id its name before it comes up by itself. */
  name(id: bigint, name: string): void {
    this.#ids.set(id, name);
  }

  /** The id that has a name; 0 when none has. */
  idOf(name: string): bigint {
    for (const [id, its] of this.#ids) if (its === name) return id;
    return 0n;
  }

  /** The URL that has a name. */
  urlOf(name: string): string {
    return this.#urls.find(([, its]) => its === name)?.[0] ?? '';
  }

  /** The same for the name of a member. */
  nameMember(is: string, name: string): void {
    this.#members.set(is, name);
  }

  /** A status text. */
  text(text: string): string {
    let plain = text;
    for (const [url, name] of this.#urls) plain = plain.replaceAll(url, name);
    return plain.replace(/\b[0-9a-f]{16}\b/g, (hex) => this.#idName(BigInt(`0x${hex}`)));
  }

  /** A decoded message, or a part of it that lies in the field `field`. */
  plain(value: unknown, field = ''): unknown {
    if (Array.isArray(value)) {
      const items = value.map((item) => this.plain(item, field));
      return UNORDERED.has(field) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
    }
    if (value instanceof Uint8Array) {
      return KEY_VALUES.has(field) ? this.plain(decodeKeyValue(value)) : byteString(bytesOf(byteString(value)));
    }
    if (typeof value === 'bigint') return this.#idName(value);
    if (field === 'name' && typeof value === 'string') return this.#members.get(value) ?? value;
    if (typeof value === 'string') return field === 'token' && value !== '' ? '(token)' : this.text(value);
    if (typeof value === 'number') return INNER.has(field) && value > 0 ? '(positive)' : value;
    if (typeof value !== 'object' || value === null) return value;
    const parts = Object.entries(value).map(([name, part]) => [name, this.plain(part, name)] as const);
    return { ...Object.fromEntries(parts), ...remaining(value) };
  }

  #idName(id: bigint): string {
    if (id < CHOSEN) return String(id);
    let name = this.#ids.get(id);
    if (name === undefined) {
      name = `(id ${this.#ids.size})`;
      this.#ids.set(id, name);
    }
    return name;
  }
}

/** What is left of a lease depends on the moment of asking. */
function remaining(message: object): object {
  if (!('grantedTTL' in message && 'TTL' in message)) return {};
  const [granted, left] = [Number(message.grantedTTL), Number(message.TTL)];
  return left > 0 && left <= granted && left > granted - 60 ? { TTL: '(what is left)' } : {};
}
