import { GroupDelivery } from './delivery.ts';
import { RangeIndex } from './range-index.ts';
import type { PreparedEvent } from './watch-event.ts';
import type { Watcher } from './watcher.ts';

/** The watchers of one range [start, end). */
export interface Group {
  readonly start: string;
  readonly end: string;
  readonly watchers: Set<Watcher>;
}

/** Watchers by what they watch: those of one range share a group, so that an event is matched and formed once for all of them. */
export class Groups {
  readonly #index = new RangeIndex<Group>();
  #size = 0;

  /** How many groups there are. */
  get size(): number {
    return this.#size;
  }

  add(watcher: Watcher): void {
    let group = this.#index.get(watcher.start, watcher.end);
    if (group === undefined) {
      group = { start: watcher.start, end: watcher.end, watchers: new Set() };
      this.#index.set(watcher.start, watcher.end, group);
      this.#size++;
    }
    group.watchers.add(watcher);
  }

  remove(watcher: Watcher): void {
    const group = this.#index.get(watcher.start, watcher.end);
    group?.watchers.delete(watcher);
    if (group?.watchers.size !== 0) return;
    this.#index.delete(watcher.start, watcher.end);
    this.#size--;
  }

  groupOf(watcher: Watcher): Group | undefined {
    return this.#index.get(watcher.start, watcher.end);
  }

  /** What each group is to get of these events, in their order. */
  match(events: readonly PreparedEvent[], fragmentBytes: number): Map<Group, GroupDelivery> {
    const deliveries = new Map<Group, GroupDelivery>();
    for (const event of events) {
      this.#index.covering(event.key, (group) => {
        let delivery = deliveries.get(group);
        if (delivery === undefined) deliveries.set(group, (delivery = new GroupDelivery(fragmentBytes)));
        delivery.matched.push(event);
      });
    }
    return deliveries;
  }
}
