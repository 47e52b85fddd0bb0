import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Prng } from '../../../base/prng.ts';
import { FrameReader } from '../../../member/peers/frames.ts';
import { decodePeerFrame } from '../../../proto/gen/peer.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import { Pipe, type Way } from './pipe.ts';

/** Something that is wrong with the way from some members to others. What is not said is as it should be. */
export interface Impairment {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Nothing comes through. */
  readonly isCut?: boolean;
  /** Every piece is late by something in [low, high] milliseconds. */
  readonly delayMs?: readonly [number, number];
  /** So many pieces are lost: TCP sends them again, and what follows waits. */
  readonly loss?: number;
}

/** One direction of a connection of one member to another. */
interface Line {
  readonly socket: Socket;
  /** Undefined until the hello was heard. */
  dialer: string | undefined;
  readonly pipes: Pipe[];
}

/**
 * The network between members: a proxy in front of each, which hears from the hello of a connection whose it is. So two members can be
 * kept apart while both talk to a third, in one direction or both, by processes that run what is shipped.
 */
export class PeerNetwork {
  readonly #prng: Prng;
  readonly #names: Map<bigint, string> = new Map();
  readonly #servers: Server[] = [];
  readonly #lines = new Set<Line>();
  readonly #impairments = new Set<Impairment>();

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  /** From now on the port stands for the member, which itself listens on `targetPort`. */
  async stand(name: string, port: number, targetPort: number): Promise<void> {
    const server = createServer((socket) => this.#accept(socket, name, targetPort));
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  /** The member with this id is called so; nothing can be done to connections of members that were not named. */
  learn(id: bigint, name: string): void {
    this.#names.set(id, name);
  }

  /** Makes it so until the returned function is called. */
  impair(impairment: Impairment): () => void {
    this.#impairments.add(impairment);
    this.#pumpAll();
    return () => {
      this.#impairments.delete(impairment);
      this.#pumpAll();
    };
  }

  /** Both directions between two groups. */
  part(group: readonly string[], others: readonly string[]): () => void {
    const mend = [this.impair({ from: group, to: others, isCut: true })];
    mend.push(this.impair({ from: others, to: group, isCut: true }));
    return () => {
      for (const each of mend) each();
    };
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const { socket } of this.#lines) socket.destroy();
  }

  #accept(socket: Socket, name: string, targetPort: number): void {
    const target = connect({ host: '127.0.0.1', port: targetPort });
    const line: Line = { socket, dialer: undefined, pipes: [] };
    this.#lines.add(line);
    for (const end of [socket, target]) {
      end.setNoDelay(true);
      end.on('error', () => undefined); // 'close' follows
    }
    this.#listenForHello(line);
    line.pipes.push(
      new Pipe(
        socket,
        target,
        this.#way(() => [line.dialer, name]),
      ),
    );
    line.pipes.push(
      new Pipe(
        target,
        socket,
        this.#way(() => [name, line.dialer]),
      ),
    );
    socket.once('close', () => {
      // Of a line that is cut the far end does not hear; it is done with when that end goes, too.
      if (target.destroyed) this.#lines.delete(line);
      else target.once('close', () => this.#lines.delete(line));
    });
  }

  /** The first frame of whoever connects says who that is. */
  #listenForHello(line: Line): void {
    const reader = new FrameReader(CLUSTER_LIMITS.maxHelloBytes);
    const onData = (chunk: Buffer): void => {
      try {
        const [first] = reader.read(chunk);
        if (first === undefined) return;
        const { frame } = decodePeerFrame(first);
        line.dialer = frame?.case === 'hello' ? this.#names.get(frame.hello.from) : undefined;
      } catch {
        // Not a member's: it is let through to be refused.
      }
      line.socket.off('data', onData);
    };
    line.socket.on('data', onData);
  }

  #way(ends: () => readonly [string | undefined, string | undefined]): Way {
    const found = (): readonly Impairment[] => {
      const [from, to] = ends();
      if (from === undefined || to === undefined) return [];
      return [...this.#impairments].filter((each) => each.from.includes(from) && each.to.includes(to));
    };
    return {
      isCut: () => found().some(({ isCut }) => isCut === true),
      delayMs: () => found().reduce((sum, impairment) => sum + this.#delayOf(impairment), 0),
    };
  }

  #delayOf({ delayMs, loss }: Impairment): number {
    let sum = delayMs === undefined ? 0 : this.#prng.between(...delayMs);
    // Lost, sent again, lost again: the wait doubles each time (RFC 6298).
    let waitMs: number = CLUSTER_LIMITS.retransmitMs;
    for (; loss !== undefined && waitMs < CLUSTER_LIMITS.maxRetransmitMs && this.#prng.chance(loss); waitMs *= 2)
      sum += waitMs;
    return sum;
  }

  #pumpAll(): void {
    for (const { pipes } of this.#lines) for (const pipe of pipes) pipe.pump();
  }
}
