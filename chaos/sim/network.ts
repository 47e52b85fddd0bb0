import type { Prng } from '../../base/prng.ts';
import { type Connection, type Network, NetworkError } from '../../io/doors.ts';
import type { SimClock } from './clock.ts';
import { SimConnection } from './connection.ts';
import { SIM_NETWORK_LIMITS } from './limits.ts';

export interface SimNetworkOptions {
  readonly clock: SimClock;
  readonly prng: Prng;
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Chance that a chunk is lost for good, which resets its connection. */
  readonly lossProbability?: number;
  readonly resetAfterMs?: number;
  /** Whether a chunk is a message that its receiver must expect to be lost, doubled or late, though the connection goes on. */
  readonly isMessage?: (chunk: Uint8Array) => boolean;
}

/** What becomes of whole messages, beside what becomes of their connections: a chance for each. */
export interface MessageFaults {
  readonly lost: number;
  /** It comes in its place, and once more later. */
  readonly doubled: number;
  /** It comes later, behind messages that were sent after it, by up to `laterMs`. */
  readonly overtaken: number;
  readonly laterMs: number;
}

const NO_MESSAGE_FAULTS: MessageFaults = { lost: 0, doubled: 0, overtaken: 0, laterMs: 0 };

interface Listener {
  readonly host: string;
  readonly accept: (connection: Connection) => void;
}

/** One direction of a connection. Chunks queue while the way is cut, and never overtake each other. */
interface Direction {
  readonly from: string;
  readonly to: string;
  /** `from>to`. */
  readonly way: string;
  readonly queue: { readonly chunk: Uint8Array; readonly arrived: () => void; readonly dueMs: number }[];
  isMoving: boolean;
  lastDueMs: number;
}

interface Link {
  readonly hosts: readonly [string, string];
  readonly ends: [SimConnection, SimConnection];
  readonly directions: readonly [Direction, Direction];
  isOver: boolean;
}

/**
 * A network of hosts that can be cut, slowed and made to lose. Chunks of one connection keep their order; those of different
 * connections overtake each other. Where a way is cut bytes wait, as TCP would retransmit them, until it is mended or the connection is
 * reset; connecting over a cut way times out. Every choice comes from the seed.
 */
export class SimNetwork {
  readonly #clock: SimClock;
  readonly #prng: Prng;
  readonly #listeners = new Map<string, Listener>();
  readonly #links = new Set<Link>();
  /** Ways that are cut, `from>to`. */
  readonly #cuts = new Set<string>();
  readonly #paused = new Set<string>();
  /** Milliseconds that a way takes longer, by `from>to`. */
  readonly #slow = new Map<string, number>();
  #minDelayMs: number;
  #maxDelayMs: number;
  #lossProbability: number;
  readonly #resetAfterMs: number;
  /** How often each host has crashed. */
  readonly #crashes = new Map<string, number>();
  #nextPort = 20_000;
  readonly #isMessage: (chunk: Uint8Array) => boolean;
  #messageFaults = NO_MESSAGE_FAULTS;

  constructor(options: SimNetworkOptions) {
    this.#clock = options.clock;
    this.#prng = options.prng;
    this.#minDelayMs = options.minDelayMs ?? SIM_NETWORK_LIMITS.minDelayMs;
    this.#maxDelayMs = options.maxDelayMs ?? SIM_NETWORK_LIMITS.maxDelayMs;
    this.#lossProbability = options.lossProbability ?? 0;
    this.#isMessage = options.isMessage ?? (() => false);
    this.#resetAfterMs = options.resetAfterMs ?? SIM_NETWORK_LIMITS.resetAfterMs;
  }

  /**
   * The network as one life of the host of this name sees it. Addresses are `host:port`; port 0 is any free one. Once the host has crashed,
   * nothing that this life still asks for ever comes about.
   */
  hostNamed(host: string): Network {
    const crashes = this.#crashes.get(host);
    const lives = <T>(work: () => Promise<T>): Promise<T> =>
      this.#crashes.get(host) === crashes ? work() : new Promise<T>(() => undefined);
    return {
      listen: (address, accept) => lives(() => this.#listen(host, address, accept)),
      connect: (address, { timeoutMs }) => lives(() => this.#connect(host, address, timeoutMs)),
    };
  }

  /** Cuts the ways from each of `from` to each of `to`; the other direction stays. */
  cut(from: readonly string[], to: readonly string[]): void {
    for (const a of from) for (const b of to) if (a !== b) this.#cuts.add(`${a}>${b}`);
  }

  /** Cuts both ways between the groups. */
  partition(group: readonly string[], rest: readonly string[]): void {
    this.cut(group, rest);
    this.cut(rest, group);
  }

  /** From now on. */
  setMessageFaults(faults: MessageFaults): void {
    this.#messageFaults = faults;
  }

  /** Mends every way; what waited moves on. */
  heal(): void {
    this.#messageFaults = NO_MESSAGE_FAULTS;
    this.#cuts.clear();
    this.#slow.clear();
    this.#moveAll();
  }

  /** A paused host takes nothing in: what is sent to it waits in the kernel. */
  setPaused(host: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(host);
    else if (this.#paused.delete(host)) this.#moveAll();
  }

  /** A slow link: everything between the two takes this much longer, both ways. 0 mends it. */
  setSlow(a: string, b: string, moreMs: number): void {
    this.#slow.set(`${a}>${b}`, moreMs).set(`${b}>${a}`, moreMs);
  }

  /** From now on. */
  setDelay(minDelayMs: number, maxDelayMs: number): void {
    this.#minDelayMs = minDelayMs;
    this.#maxDelayMs = maxDelayMs;
  }

  /** From now on. */
  setLoss(probability: number): void {
    this.#lossProbability = probability;
  }

  /** The host's process is gone: its listeners and its ends vanish at once, the other ends are reset a little later. */
  crash(host: string): void {
    this.#crashes.set(host, (this.#crashes.get(host) ?? 0) + 1);
    for (const [address, listener] of this.#listeners) if (listener.host === host) this.#listeners.delete(address);
    for (const link of [...this.#links]) {
      for (const side of [0, 1] as const) {
        if (link.hosts[side] !== host) continue;
        link.ends[side].end('the process was killed');
        this.#endLater(link, side === 0 ? 1 : 0, 'connection reset');
      }
    }
  }

  async #listen(
    host: string,
    address: string,
    accept: (connection: Connection) => void,
  ): ReturnType<Network['listen']> {
    const bound = address.endsWith(':0') ? `${address.slice(0, -2)}:${this.#nextPort++}` : address;
    if (this.#listeners.has(bound)) throw new NetworkError('ADDRESS_IN_USE', bound, 'the address is in use');
    const listener = { host, accept };
    this.#listeners.set(bound, listener);
    return {
      address: bound,
      close: async () => {
        if (this.#listeners.get(bound) === listener) this.#listeners.delete(bound);
      },
    };
  }

  async #connect(host: string, address: string, timeoutMs: number): Promise<Connection> {
    const startMs = this.#clock.nowMs();
    const crashes = this.#crashes.get(host);
    await this.#clock.sleep(Math.min(this.#delayMs() + this.#delayMs(), timeoutMs));
    if (crashes !== this.#crashes.get(host)) throw new NetworkError('IO', address, 'the process was killed');
    const listener = this.#listeners.get(address);
    const target = listener?.host ?? address.slice(0, address.lastIndexOf(':'));
    if (this.#isCut(host, target) || this.#isCut(target, host) || this.#paused.has(target)) {
      await this.#clock.sleep(timeoutMs - (this.#clock.nowMs() - startMs));
      throw new NetworkError('TIMEOUT', address, `no connection within ${timeoutMs} ms`);
    }
    if (listener === undefined) throw new NetworkError('REFUSED', address, 'nobody listens');
    const link = this.#link(host, listener.host, address);
    listener.accept(link.ends[1]);
    return link.ends[0];
  }

  #link(from: string, to: string, address: string): Link {
    const direction = (a: string, b: string): Direction => ({
      from: a,
      to: b,
      way: `${a}>${b}`,
      queue: [],
      isMoving: false,
      lastDueMs: 0,
    });
    const directions = [direction(from, to), direction(to, from)] as const;
    const wire = (side: 0 | 1): ConstructorParameters<typeof SimConnection>[1] => ({
      carry: (chunk, arrived) => this.#carry(link, directions[side], chunk, arrived),
      closed: () => this.#endLater(link, side === 0 ? 1 : 0, 'the other side closed the connection'),
    });
    const ends: [SimConnection, SimConnection] = [
      new SimConnection(address, wire(0)),
      new SimConnection(`${from}:${this.#nextPort++}`, wire(1)),
    ];
    const link: Link = { hosts: [from, to], ends, directions, isOver: false };
    this.#links.add(link);
    return link;
  }

  #carry(link: Link, direction: Direction, chunk: Uint8Array, arrived: () => void): void {
    if (link.isOver) return; // the end does not know yet
    if (this.#prng.chance(this.#lossProbability)) {
      this.#reset(link, 'connection reset');
      return;
    }
    const fate = this.#messageFaults === NO_MESSAGE_FAULTS ? 'whole' : this.#fateOf(chunk);
    const delayMs = this.#delayMs() + (this.#slow.get(direction.way) ?? 0);
    if (fate !== 'whole') this.#carryLater(link, direction, { chunk, fate, delayMs });
    if (fate === 'lost' || fate === 'overtaken') {
      this.#clock.after(delayMs, arrived); // the sender's window goes on
      return;
    }
    const dueMs = Math.max(direction.lastDueMs, this.#clock.nowMs() + delayMs);
    direction.lastDueMs = dueMs;
    direction.queue.push({ chunk, arrived, dueMs });
    this.#move(link, direction);
  }

  #fateOf(chunk: Uint8Array): 'whole' | 'lost' | 'doubled' | 'overtaken' {
    const { lost, doubled, overtaken } = this.#messageFaults;
    if (!this.#isMessage(chunk)) return 'whole';
    const drawn = this.#prng.unit();
    if (drawn < lost) return 'lost';
    if (drawn < lost + doubled) return 'doubled';
    return drawn < lost + doubled + overtaken ? 'overtaken' : 'whole';
  }

  /** A message that comes out of its order; it is lost with its connection, and where the way is cut or the receiver stands still. */
  #carryLater(
    link: Link,
    direction: Direction,
    late: { readonly chunk: Uint8Array; readonly fate: 'lost' | 'doubled' | 'overtaken'; readonly delayMs: number },
  ): void {
    if (late.fate === 'lost') return;
    const moreMs = this.#prng.unit() * this.#messageFaults.laterMs;
    this.#clock.after(late.delayMs + moreMs, () => {
      if (link.isOver || this.#paused.has(direction.to) || this.#cuts.has(direction.way)) return;
      link.ends[link.directions[0] === direction ? 1 : 0].receive(late.chunk);
    });
  }

  /** Delivers the first chunk in its time, then the next; stands still while the way is cut. */
  #move(link: Link, direction: Direction): void {
    const next = direction.queue[0];
    if (next === undefined || direction.isMoving || link.isOver) return;
    direction.isMoving = true;
    this.#clock.after(next.dueMs - this.#clock.nowMs(), () => {
      direction.isMoving = false;
      if (link.isOver) return;
      if (this.#paused.has(direction.to)) return; // its kernel keeps it
      if (this.#cuts.has(direction.way)) return this.#stall(link, direction);
      direction.queue.shift();
      link.ends[link.directions[0] === direction ? 1 : 0].receive(next.chunk);
      next.arrived();
      this.#move(link, direction);
    });
  }

  #moveAll(): void {
    for (const link of this.#links) for (const direction of link.directions) this.#move(link, direction);
  }

  #stall(link: Link, direction: Direction): void {
    const held = direction.queue[0];
    this.#clock.after(this.#resetAfterMs, () => {
      if (!link.isOver && direction.queue[0] === held) this.#reset(link, 'connection timed out');
    });
  }

  #reset(link: Link, reason: string): void {
    this.#endLater(link, 0, reason);
    this.#endLater(link, 1, reason);
  }

  /** Closing is abrupt: what is still under way is lost. */
  #endLater(link: Link, side: 0 | 1, reason: string): void {
    link.isOver = true;
    this.#links.delete(link);
    this.#clock.after(this.#delayMs(), () => link.ends[side].end(reason));
  }

  #isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  #delayMs(): number {
    return this.#minDelayMs + this.#prng.unit() * (this.#maxDelayMs - this.#minDelayMs);
  }
}
