import { Counter, Gauge, Histogram, type Registry as MetricsRegistry } from 'prom-client';
import type { RequestInfo } from '../request.ts';
import type { InFlight } from './in-flight.ts';

const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };
const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;

interface Row {
  readonly total: Counter.Internal;
  readonly duration: Histogram.Internal<(typeof LABELS)[number]>;
}

/** What the request path counts. Names and labels as kube-apiserver has them. */
export class RequestMetrics {
  readonly #total: Counter<(typeof LABELS)[number] | 'code' | 'dry_run'>;
  readonly #duration: Histogram<(typeof LABELS)[number]>;
  readonly #longRunning: Gauge<(typeof LABELS)[number]>;
  readonly #watchEvents: Counter<'group' | 'version' | 'resource'>;
  readonly #terminated: Counter<'code'>;
  readonly #rows = new Map<string, Row>();
  readonly #watched = new WeakMap<object, Counter.Internal>();
  readonly registry: MetricsRegistry;

  constructor(
    registry: MetricsRegistry,
    options: { readonly inFlight: InFlight; readonly objects: () => Iterable<readonly [string, number]> },
  ) {
    const registers = [registry];
    this.registry = registry;
    this.#total = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests answered.',
      labelNames: [...LABELS, 'code', 'dry_run'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time to answer a request, watches left out.',
      labelNames: LABELS,
      buckets: [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 20, 30, 60],
      registers,
    });
    this.#longRunning = new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches under way.',
      labelNames: LABELS,
      registers,
    });
    this.#watchEvents = new Counter({
      name: 'apiserver_watch_events_total',
      help: 'Events sent to watchers.',
      labelNames: ['group', 'version', 'resource'],
      registers,
    });
    this.#terminated = new Counter({
      name: 'apiserver_request_terminations_total',
      help: 'Requests turned away to protect the server.',
      labelNames: ['code'],
      registers,
    });
    new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests under way, watches left out.',
      labelNames: ['request_kind'],
      registers,
      collect() {
        this.set({ request_kind: 'readOnly' }, options.inFlight.reads);
        this.set({ request_kind: 'mutating' }, options.inFlight.writes);
      },
    });
    new Gauge({
      name: 'apiserver_storage_objects',
      help: 'Objects of each cached resource.',
      labelNames: ['resource'],
      registers,
      collect() {
        this.reset();
        for (const [resource, objects] of options.objects()) this.set({ resource }, objects);
      },
    });
  }

  answered(info: RequestInfo, code: number, seconds: number, dryRun: boolean): void {
    const row = this.#rowOf(info, code, dryRun);
    row.total.inc();
    if (info.verb !== 'watch') row.duration.observe(seconds);
    if (code === 429) this.#terminated.inc({ code: '429' });
  }

  /** The counters of what has these labels: finding them by their labels costs more than counting. */
  #rowOf(info: RequestInfo, code: number, dryRun: boolean): Row {
    const labels = labelsOf(info);
    const dry = dryRun ? 'All' : '';
    const key = `${labels.verb} ${labels.group} ${labels.version} ${labels.resource} ${labels.subresource} ${labels.scope} ${code} ${dry}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {
        total: this.#total.labels({ ...labels, code: String(code), dry_run: dry }),
        duration: this.#duration.labels(labels),
      };
      this.#rows.set(key, row);
    }
    return row;
  }

  /** A watch began; call what it returns when it ends. */
  watching(info: RequestInfo): () => void {
    const labels = labelsOf(info);
    this.#longRunning.inc(labels);
    return () => this.#longRunning.dec(labels);
  }

  watchEvents(
    place: { readonly group: string; readonly version: string; readonly plural: string },
    events: number,
  ): void {
    let counter = this.#watched.get(place);
    if (counter === undefined) {
      const { group, version, plural: resource } = place;
      this.#watched.set(place, (counter = this.#watchEvents.labels({ group, version, resource })));
    }
    counter.inc(events);
  }
}

/** Only what the server knows becomes a label: paths of clients' own making would grow without bound. */
function labelsOf(info: RequestInfo): Record<(typeof LABELS)[number], string> {
  const { group, version, resource, subresource } = info;
  const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  const verb = VERBS[info.verb] ?? info.verb.toUpperCase();
  return {
    verb: KNOWN.has(verb) ? verb : 'OTHER',
    group,
    version,
    resource,
    subresource,
    scope: info.isResourceRequest ? scope : '',
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  'GET',
  'LIST',
  'WATCH',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'DELETECOLLECTION',
  'HEAD',
]);
