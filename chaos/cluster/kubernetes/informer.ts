import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../../base/prng.ts';
import type { HeldObject, InformerStep } from '../../checkers/informers.ts';
import type { KubeClient, Place } from './client.ts';
import { KUBE_LIMITS } from './limits.ts';
import type { KubeObject } from './object.ts';
import type { WatchClose, WatchTold } from './watch.ts';

/** How a cache is filled: one list from the API server's cache, a list in pages, or a watch that begins with the state. */
export type InformerMode = 'list' | 'paged' | 'stream';

/** Objects on a page of a paged list: few, so that there are several. */
const PAGE_OBJECTS = 3;

/**
 * A cache of a collection, kept as client-go's reflector keeps one: filled at a resourceVersion, then one watch after the other, each from the last
 * resourceVersion on and on whichever API server answers; filled anew only when that one is gone (410). Source: client-go tools/cache/reflector.go.
 */
export class Informer {
  readonly steps: InformerStep[] = [];
  readonly #api: KubeClient;
  readonly #place: Place;
  readonly #mode: InformerMode;
  readonly #prng: Prng;
  #revision = 0;
  /** Filled, and no API server has said since that the revision is gone. */
  #isFilled = false;
  /** The last revision cannot be asked for any more: the next list must be of now. */
  #isExpired = false;
  #expirations = 0;
  #watches = 0;

  constructor(api: KubeClient, place: Place, options: { readonly mode: InformerMode; readonly prng: Prng }) {
    this.#api = api;
    this.#place = place;
    this.#mode = options.mode;
    this.#prng = options.prng;
  }

  /** Up to here the cache has been told everything. */
  get revision(): number {
    return this.#revision;
  }

  /** How often it was told that its revision is gone, and how many watches it began. */
  get counts(): { readonly expirations: number; readonly watches: number } {
    return { expirations: this.#expirations, watches: this.#watches };
  }

  /** Keeps the cache until `until` aborts; goes on where it was when called again. */
  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const isWell = this.#isFilled
        ? this.#hasEnded(await this.#watch(until))
        : this.#mode === 'stream'
          ? this.#hasEnded(await this.#streamList(until))
          : await this.#list(until);
      if (!isWell) await sleep(KUBE_LIMITS.informerPauseMs * (0.5 + this.#prng.unit() / 2));
    }
  }

  async #list(signal: AbortSignal): Promise<boolean> {
    const resourceVersion = this.#isExpired ? '' : String(this.#revision);
    const list =
      this.#mode === 'paged'
        ? await this.#api.list(this.#place, PAGE_OBJECTS, { signal })
        : await this.#api.page(this.#place, resourceVersion === '' ? {} : { resourceVersion }, { signal });
    if (list.type === 'done') this.#fill(list.value.items.map(heldOf), list.value.resourceVersion);
    // What it had cannot be asked for: gone, or ahead of what the API server has seen after all its waiting.
    else if (list.type === 'refused' && [410, 504].includes(list.status.code)) this.#isExpired = true;
    return list.type === 'done';
  }

  #watch(signal: AbortSignal): Promise<WatchClose> {
    const query = { allowWatchBookmarks: 'true', resourceVersion: String(this.#revision) };
    return this.#open(query, (told) => this.#take(told), signal);
  }

  /** Gathers the initial state until the bookmark that ends it; then the same watch goes on as any other. */
  #streamList(signal: AbortSignal): Promise<WatchClose> {
    const gathered = new Map<string, HeldObject>();
    const query = {
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      ...(this.#isExpired || this.#revision === 0 ? {} : { resourceVersion: String(this.#revision) }),
    };
    const onTold = (told: WatchTold): void => {
      if (this.#isFilled) this.#take(told);
      else if (told.type === 'bookmark') {
        if (told.endsInitial) this.#fill([...gathered.values()], told.resourceVersion);
      } else if (told.kind === 'DELETED') gathered.delete(told.object.name);
      else gathered.set(told.object.name, heldOf(told.object));
    };
    return this.#open(query, onTold, signal);
  }

  #open(
    query: Readonly<Record<string, string>>,
    onTold: (told: WatchTold) => void,
    signal: AbortSignal,
  ): Promise<WatchClose> {
    this.#watches++;
    const seconds = this.#prng.between(KUBE_LIMITS.minWatchSeconds, KUBE_LIMITS.maxWatchSeconds);
    return this.#api.watch(this.#place, { query, seconds, onTold: (told) => !signal.aborted && onTold(told) }, signal);
  }

  /** Whether all is well, so that the next watch may begin at once. */
  #hasEnded(close: WatchClose): boolean {
    if (close.type === 'refused' && close.status.code === 410) {
      this.#expirations++;
      this.#isFilled = false;
      this.#isExpired = true;
    }
    return close.type === 'ended';
  }

  #fill(objects: readonly HeldObject[], revision: number): void {
    this.steps.push({ type: 'list', revision, objects });
    this.#revision = revision;
    this.#isFilled = true;
    this.#isExpired = false;
  }

  #take(told: WatchTold): void {
    if (told.type === 'bookmark') {
      this.steps.push({ type: 'bookmark', revision: told.resourceVersion });
      this.#revision = told.resourceVersion;
    } else {
      this.steps.push({ type: 'event', kind: told.kind, object: heldOf(told.object) });
      this.#revision = told.object.resourceVersion;
    }
  }
}

/** The label under which writers say what they replace. */
export const REPLACES = 'replaces';

/** An object as an informer holds it. */
export function heldOf({ name, uid, resourceVersion, data }: KubeObject): HeldObject {
  const replaces = data[REPLACES];
  const value = JSON.stringify(data);
  return { name, uid, resourceVersion, value, replaces: replaces === undefined ? undefined : Number(replaces) };
}
