import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import type { WatchCreateRequest, WatchResponse } from '../../proto/gen/etcd.ts';
import type { CatchUp, WatchHub } from '../../watch/hub.ts';
import { WatchHub as Hub } from '../../watch/hub.ts';
import type { HubStream } from '../../watch/hub-stream.ts';
import { WATCH_LIMITS, type WatchLimits } from '../../watch/limits.ts';
import type { RevisionEvents, WatchEvent } from '../../watch/watch-event.ts';

/** Events as they are read when nobody wants previous values. */
export function withoutPrevious({ revision, events }: RevisionEvents): RevisionEvents {
  return { revision, events: events.map(({ key, event }) => ({ key, event: { ...event, prevKv: undefined } })) };
}

/**
 * A store of text, its history and a hub, driven by lines of a story:
 *   limits outboxResponses=2 …       before anything else
 *   put a=1 | delete a | txn a=1 b=2 -c | empty | compact 3 | reset
 *   stream s | watch s [id=] key= [end=] [from=] [prev] [noput] [nodelete] [fragment] [notify] | cancel s 0 | progress s | close s
 *   tick 100 | serve | ask | supply | read s | ready
 * `serve` catches up until idle, as the driver does; `ask` and `supply` are its two halves, between which the backend is read; `read s` prints what the
 * stream has for its client.
 */
export class WatchWorld {
  #limits: WatchLimits = { ...WATCH_LIMITS };
  #hub: WatchHub | undefined;
  readonly #streams = new Map<string, HubStream>();
  readonly history: RevisionEvents[] = [];
  readonly #live = new Map<string, string>();
  #revision = 1;
  #compact = 0;
  #nowMs = 0;
  #asked: CatchUp | undefined;

  get hub(): WatchHub {
    this.#hub ??= new Hub({
      clusterId: 1n,
      memberId: 2n,
      revision: this.#revision,
      compactRevision: this.#compact,
      limits: this.#limits,
    });
    return this.#hub;
  }

  run(line: string): string {
    const [verb = '', ...words] = line.trim().split(/\s+/);
    switch (verb) {
      case 'limits':
        this.#limits = {
          ...this.#limits,
          ...Object.fromEntries(words.map((w) => [w.split('=')[0], Number(w.split('=')[1])])),
        };
        return '';
      case 'put':
      case 'txn':
        return this.#write(words);
      case 'delete':
        return this.#write(words.map((key) => `-${key}`));
      case 'compact':
        this.#compact = Number(words[0]);
        this.hub.compacted(this.#compact);
        return '';
      case 'offline':
        return this.#write(words, { publish: false });
      case 'reset':
        this.hub.reset(this.#revision, this.#compact);
        return '';
      case 'stream':
        this.#streams.set(words[0] ?? '', this.hub.openStream({ intervalMs: 1000, nowMs: this.#nowMs }));
        return '';
      case 'watch':
        this.hub.create(this.stream(words[0]), watchRequest(words.slice(1)));
        return '';
      case 'cancel':
        this.hub.cancel(this.stream(words[0]), Number(words[1]));
        return '';
      case 'progress':
        this.hub.requestProgress(this.stream(words[0]));
        return '';
      case 'close':
        this.hub.closeStream(this.stream(words[0]));
        return '';
      case 'tick':
        this.#nowMs += Number(words[0]);
        this.hub.tick(this.#nowMs);
        return '';
      case 'ready':
        return `ready ${this.hub
          .takeReady()
          .map((stream) => [...this.#streams].find(([, s]) => s === stream)?.[0])
          .join(' ')}`;
      case 'serve':
        return this.serve();
      case 'ask':
        this.#asked = this.hub.catchUp();
        return '';
      case 'supply':
        return this.#asked?.type === 'read' ? this.#supply(this.#asked) : '';
      case 'stats':
        return JSON.stringify({ ...this.hub.stats, recentBytes: undefined });
      case 'read':
        return this.#read(words[0] ?? '');
      default:
        return `unknown command ${verb}`;
    }
  }

  stream(name: string | undefined): HubStream {
    const stream = this.#streams.get(name ?? '');
    if (stream === undefined) throw new TypeError(`no stream ${name}`);
    return stream;
  }

  /** Catches up until idle; says what was read from the "backend". */
  serve(): string {
    const said: string[] = [];
    for (let step: CatchUp = this.hub.catchUp(); step.type !== 'idle'; step = this.hub.catchUp()) {
      if (step.type === 'more') continue;
      said.push(this.#supply(step));
    }
    return said.join('\n');
  }

  /** As the backend does, it gives previous values only when they were asked for. */
  #supply({ from, to, maxRevisions, prevKv }: Extract<CatchUp, { type: 'read' }>): string {
    const through = Math.min(to, from + maxRevisions - 1);
    const batches = this.history
      .filter((batch) => batch.revision >= from && batch.revision <= through)
      .map((batch) => (prevKv ? batch : withoutPrevious(batch)));
    this.hub.supply(batches, { from, through, prevKv });
    return `backend read ${from}..${through}${prevKv ? ' prev' : ''}`;
  }

  #write(changes: readonly string[], { publish } = { publish: true }): string {
    const hub = this.hub;
    const events = changes.flatMap((change) => this.#change(change));
    this.#revision++;
    this.history.push({ revision: this.#revision, events });
    if (publish) hub.publish(this.#revision, events);
    return '';
  }

  #change(change: string): WatchEvent[] {
    const deleted = change.startsWith('-');
    const [key = '', value = ''] = (deleted ? change.slice(1) : change).split('=');
    const previous = this.#live.get(key);
    const prevKv = previous === undefined ? undefined : utf8Bytes(previous);
    if (deleted) this.#live.delete(key);
    else this.#live.set(key, `${key}=${value}`);
    return [{ key, event: { type: deleted ? 1 : 0, kv: utf8Bytes(deleted ? key : `${key}=${value}`), prevKv } }];
  }

  #read(name: string): string {
    const stream = this.stream(name);
    const lines = this.hub.take(stream).map((response) => `${name} ${describe(response)}`);
    if (stream.endedBy !== undefined) lines.push(`${name} ended ${stream.endedBy}`);
    return lines.length === 0 ? `${name} nothing` : lines.join('\n');
  }
}

function watchRequest(words: readonly string[]): WatchCreateRequest {
  const fields = new Map(words.map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']));
  const end = fields.get('end') ?? '';
  return {
    key: fields.get('key') ?? '',
    rangeEnd: end === '*' ? '\0' : end,
    startRevision: Number(fields.get('from') ?? 0),
    progressNotify: fields.has('notify'),
    filters: [...(fields.has('noput') ? [0] : []), ...(fields.has('nodelete') ? [1] : [])],
    prevKv: fields.has('prev'),
    watchId: Number(fields.get('id') ?? 0),
    fragment: fields.has('fragment'),
  };
}

function describe(response: WatchResponse): string {
  const words = [`w${response.watchId}`, `rev=${response.header?.revision}`];
  if (response.created) words.push('created');
  if (response.canceled) words.push('canceled');
  if (response.compactRevision !== 0) words.push(`compact=${response.compactRevision}`);
  if (response.cancelReason !== '') words.push(`"${response.cancelReason}"`);
  for (const event of response.events) {
    const text = utf8Text(event.kv ?? new Uint8Array(0));
    const previous = event.prevKv === undefined ? '' : `(was ${utf8Text(event.prevKv)})`;
    words.push(`${event.type === 1 ? '-' : '+'}${text}${previous}`);
  }
  if (response.fragment) words.push('…');
  return words.join(' ');
}
