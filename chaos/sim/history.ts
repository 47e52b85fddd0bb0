import { byteString, utf8Text } from '../../base/bytes.ts';
import { decodeKeyValue, type Event } from '../../proto/gen/etcd.ts';

/** One change of one key, as a watcher or a reader sees it. `value` undefined: deleted. */
export interface Change {
  readonly key: string;
  readonly value: string | undefined;
  readonly previous: string | undefined;
}

/** What a client asked for and what it was told. Times are turns of the run: of two, the smaller one was first. */
export interface Operation {
  readonly client: number;
  readonly member: string;
  readonly type: 'put' | 'delete' | 'read' | 'past' | 'cas' | 'pair' | 'compact';
  readonly keys: readonly string[];
  readonly value: string;
  /** With 'cas' the mod revision that was compared, with 'past' and 'compact' the revision that was named. */
  readonly expected: number;
  readonly start: number;
  end: number;
  /** `unknown`: it may have happened, or may happen yet. */
  outcome: 'ok' | 'unknown';
  /** Of the answer's header. */
  revision: number;
  /** A read's value (undefined: no such key); whether a cas succeeded; how many keys a delete deleted. */
  seen: string | undefined;
  succeeded: boolean;
}

/** Every revision as some member published it; members that publish different things are caught on the spot. */
export class History {
  readonly #revisions = new Map<number, readonly Change[]>();
  readonly #violations: string[];
  /** By revision, as far as anybody asked; only to be asked once the run is over. */
  readonly #states: Map<string, { readonly value: string; readonly modRevision: number }>[] = [];
  #last = 1;

  constructor(violations: string[]) {
    this.#violations = violations;
  }

  get lastRevision(): number {
    return this.#last;
  }

  /** A member published these events, all of one revision. */
  record(member: string, revision: number, events: readonly Event[]): void {
    const changes = events.map(changeOf);
    const known = this.#revisions.get(revision);
    if (known === undefined) this.#revisions.set(revision, changes);
    else if (JSON.stringify(known) !== JSON.stringify(changes)) {
      this.#violations.push(
        `revision ${revision}: ${member} has ${JSON.stringify(changes)}, others ${JSON.stringify(known)}`,
      );
    }
    this.#last = Math.max(this.#last, revision);
  }

  changesAt(revision: number): readonly Change[] | undefined {
    return this.#revisions.get(revision);
  }

  /** The value and the mod revision of every key after `revision`. */
  stateAt(revision: number): State {
    for (let at = this.#states.length; at <= revision; at++) {
      const changes = this.#revisions.get(at) ?? [];
      const before = this.#states[at - 1] ?? new Map();
      const after = changes.length === 0 ? before : new Map(before);
      for (const { key, value } of changes) {
        if (value === undefined) after.delete(key);
        else after.set(key, { value, modRevision: at });
      }
      this.#states.push(after);
    }
    return this.#states[revision] ?? new Map();
  }
}

/** All keys at one revision. */
export type State = ReadonlyMap<string, { readonly value: string; readonly modRevision: number }>;

/** The change that an event tells. */
export function changeOf(event: Event): Change {
  const kv = event.kv === undefined ? undefined : decodeKeyValue(event.kv);
  const previous = event.prevKv === undefined ? undefined : utf8Text(decodeKeyValue(event.prevKv).value);
  return {
    key: kv?.key ?? byteString(new Uint8Array(0)),
    value: event.type === 1 ? undefined : utf8Text(kv?.value ?? new Uint8Array(0)),
    previous,
  };
}

/** The revision an event belongs to. */
export function revisionOf(event: Event): number {
  return event.kv === undefined ? 0 : decodeKeyValue(event.kv).modRevision;
}
