import type { Json, KubeObject } from '../scheme/json.ts';
import { bodyStart, labelsIn, replaceResourceVersion } from '../store/served-bytes.ts';
import type { CachedObject } from './types.ts';

/** A cached object: the bytes are all it must hold; labels are read out of them once, the decoded object only as long as memory allows. */
export class Entry implements CachedObject {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  readonly bytes: Buffer;
  #bodyStart = 0;
  #labels: Readonly<Record<string, string>> | undefined;
  #decoded: WeakRef<KubeObject> | undefined;

  constructor(place: { readonly namespace: string; readonly name: string }, resourceVersion: number, bytes: Buffer) {
    this.namespace = place.namespace;
    this.name = place.name;
    this.resourceVersion = resourceVersion;
    this.bytes = bytes;
  }

  get labels(): Readonly<Record<string, string>> {
    return (this.#labels ??= labelsIn(this.bytes));
  }

  get bodyStart(): number {
    if (this.#bodyStart === 0) this.#bodyStart = bodyStart(this.bytes);
    return this.#bodyStart;
  }

  object(): KubeObject {
    const known = this.#decoded?.deref();
    if (known !== undefined) return known;
    const decoded = deepFreeze(JSON.parse(this.bytes.toString('utf8')) as KubeObject);
    this.#decoded = new WeakRef(decoded);
    return decoded;
  }

  /** The same state under a later resourceVersion: what a DELETED event carries. */
  at(resourceVersion: number): Entry {
    return new Entry(this, resourceVersion, replaceResourceVersion(this.bytes, resourceVersion));
  }
}

function deepFreeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) deepFreeze(child as Json);
  return Object.freeze(value);
}
