import { type Event, EventType } from '../proto/gen/etcd.ts';
import type { PreparedEvent } from './watch-event.ts';
import type { Shape, Watcher } from './watcher.ts';

/** What one watcher gets in one response. `events` is the same array for every watcher of the same range and shape. */
export interface Parcel {
  readonly events: readonly Event[];
  /** More of the same response follows. */
  readonly fragment: boolean;
  readonly sizeBytes: number;
}

/** The events that one group is to get, formed at most once for every shape and start that occurs in it. */
export class GroupDelivery {
  readonly matched: PreparedEvent[] = [];
  readonly #fragmentBytes: number;
  readonly #formed = new Map<Shape, Map<number, readonly Parcel[]>>();
  /** What the last watcher got: most of a group want the same. */
  #last: { readonly shape: Shape; readonly skip: number; readonly parcels: readonly Parcel[] } | undefined;

  constructor(fragmentBytes: number) {
    this.#fragmentBytes = fragmentBytes;
  }

  /** What `watcher` gets: nothing when its filters or its start leave nothing, several parcels when it asked for fragments. */
  parcelsFor(watcher: Watcher): readonly Parcel[] {
    const skip = this.#countBefore(watcher.next);
    if (this.#last?.shape === watcher.shape && this.#last.skip === skip) return this.#last.parcels;
    const parcels = this.#parcelsOf(watcher.shape, skip);
    this.#last = { shape: watcher.shape, skip, parcels };
    return parcels;
  }

  #parcelsOf(shape: Shape, skip: number): readonly Parcel[] {
    let byStart = this.#formed.get(shape);
    if (byStart === undefined) this.#formed.set(shape, (byStart = new Map()));
    let parcels = byStart.get(skip);
    if (parcels === undefined) byStart.set(skip, (parcels = this.#form(shape, skip)));
    return parcels;
  }

  /** How many of the events, which are in order of revision, lie before `revision`. */
  #countBefore(revision: number): number {
    let low = 0;
    let high = this.matched.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.matched[middle]?.revision ?? revision) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #form(shape: Shape, skip: number): readonly Parcel[] {
    const limitBytes = shape.fragment ? this.#fragmentBytes : Number.POSITIVE_INFINITY;
    const runs: { readonly events: Event[]; sizeBytes: number }[] = [];
    for (let i = skip; i < this.matched.length; i++) {
      const prepared = this.matched[i] as PreparedEvent;
      if (prepared.bare.type === EventType.PUT ? shape.noPut : shape.noDelete) continue;
      const sizeBytes = shape.prevKv
        ? prepared.sizeBytes
        : prepared.sizeBytes - (prepared.withPrevKv.prevKv?.length ?? 0);
      let run = runs.at(-1);
      if (run === undefined || run.sizeBytes + sizeBytes > limitBytes) runs.push((run = { events: [], sizeBytes: 0 }));
      run.events.push(shape.prevKv ? prepared.withPrevKv : prepared.bare);
      run.sizeBytes += sizeBytes;
    }
    return runs.map(({ events, sizeBytes }, i) => ({ events, sizeBytes, fragment: i < runs.length - 1 }));
  }
}
