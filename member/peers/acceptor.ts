import { StoreError } from '../../base/store-error.ts';
import type { Clock, Connection } from '../../io/doors.ts';
import {
  decodePeerFrame,
  encodePeerFrame,
  type PeerCall,
  type PeerFrame,
  type PeerHello,
  type RaftMessage,
} from '../../proto/gen/peer.ts';
import { PEER_LIMITS } from '../limits.ts';
import { errorToWire, type PeerQuestion, type PeerResult } from './calls.ts';
import { FrameReader, framed } from './frames.ts';
import { helloTo, isJoining, type PeerIdentity, refusalOf, sharedRevision } from './hello.ts';

/** What is done with that which another member says on a connection that it made. */
export interface AcceptorOptions {
  readonly clock: Clock;
  readonly self: PeerIdentity;
  /** Members that were removed stay out for good. */
  readonly isRemoved: (member: bigint) => boolean;
  /** A member of this cluster said who it is, and where it is reached. */
  readonly onHello: (from: bigint, addresses: readonly string[]) => void;
  readonly onRaft: (message: RaftMessage) => void;
  /** Errors (StoreError) become the answer. `from` is 0 for a member that is about to join. */
  readonly onCall: (from: bigint, call: PeerQuestion) => PeerResult | Promise<PeerResult>;
  readonly onRefused: (remote: string, reason: string) => void;
  /** Bytes arrived from a member that has said hello. */
  readonly onReceived: (from: bigint, sizeBytes: number) => void;
}

const REMOVED = 'a member that was removed';

/** Serves one connection that another member made. Nothing that arrives on it can do more harm than ending it. */
export function serveConnection(connection: Connection, options: AcceptorOptions): void {
  const serving = new Serving(connection, options);
  connection.onData((chunk) => serving.receive(chunk));
  connection.onClose(() => serving.end());
}

class Serving {
  readonly #connection: Connection;
  readonly #options: AcceptorOptions;
  readonly #reader = new FrameReader(PEER_LIMITS.maxFrameBytes);
  readonly #cancelTimer: () => void;
  #hello: PeerHello | undefined;
  /** Of the protocol: what both sides understand. */
  #revision = 0;
  #callsInProgress = 0;
  #ended = false;

  constructor(connection: Connection, options: AcceptorOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#cancelTimer = options.clock.after(PEER_LIMITS.helloTimeoutMs, () => this.#refuse('no hello was heard'));
  }

  receive(chunk: Uint8Array): void {
    if (this.#ended) return;
    if (this.#hello !== undefined) this.#options.onReceived(this.#hello.from, chunk.length);
    try {
      for (const payload of this.#reader.read(chunk)) {
        if (this.#ended) return;
        this.#onFrame(decodePeerFrame(payload).frame);
      }
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  end(): void {
    this.#ended = true;
    this.#cancelTimer();
  }

  #onFrame(frame: PeerFrame['frame']): void {
    const hello = this.#hello;
    if (frame === undefined) return; // of a newer minor version
    if (frame.case === 'hello') this.#onHello(frame.hello);
    else if (hello === undefined) this.#refuse('the first frame was not a hello');
    else if (frame.case === 'call') this.#onCall(hello, frame.call);
    else if (frame.case === 'raft') this.#onRaft(hello, frame.raft);
  }

  #onHello(hello: PeerHello): void {
    const { self, isRemoved } = this.#options;
    const removed = isRemoved(hello.from);
    const reason = removed ? REMOVED : refusalOf(self, hello);
    this.#cancelTimer();
    const answer = { ...helloTo(self, hello.from), removed };
    this.#send({ case: 'hello', hello: answer });
    if (reason !== undefined) {
      this.#refuse(reason);
      return;
    }
    this.#hello = hello;
    this.#revision = sharedRevision(answer, hello);
    if (!isJoining(hello)) this.#options.onHello(hello.from, hello.addresses);
  }

  #onRaft(hello: PeerHello, message: RaftMessage): void {
    const { self, isRemoved } = this.#options;
    if (isRemoved(hello.from)) {
      this.#send({ case: 'hello', hello: { ...helloTo(self, hello.from), removed: true } });
      this.#refuse(REMOVED);
    } else if (message.from !== hello.from || message.to !== self.memberId || isJoining(hello))
      this.#refuse('a message of somebody else');
    else this.#options.onRaft(message);
  }

  /** Most calls are answered in the turn in which they come: with what is written then, in one piece. */
  #onCall(hello: PeerHello, { id, call }: PeerCall): void {
    const answer = (result: PeerResult): void => this.#send({ case: 'answer', answer: { id, result } });
    const failed = (error: unknown): void => answer({ case: 'error', error: errorToWire(error) });
    try {
      const result = this.#result(hello, call);
      if (!(result instanceof Promise)) {
        answer(result);
        return;
      }
      this.#callsInProgress++;
      result
        .finally(() => {
          this.#callsInProgress--;
        })
        .then(answer, failed);
    } catch (error) {
      failed(error);
    }
  }

  #result(hello: PeerHello, call: PeerQuestion | undefined): PeerResult | Promise<PeerResult> {
    if (call === undefined) throw new StoreError('UNIMPLEMENTED');
    if (isJoining(hello) && call.case !== 'memberList') throw new StoreError('MEMBER_NOT_FOUND');
    if (this.#callsInProgress >= PEER_LIMITS.maxCallsInProgress) throw new StoreError('TOO_MANY_REQUESTS');
    return this.#options.onCall(hello.from, call);
  }

  #send(frame: NonNullable<PeerFrame['frame']>): void {
    if (!this.#ended) this.#connection.write(framed(this.#revision, encodePeerFrame({ frame })));
  }

  #refuse(reason: string): void {
    if (this.#ended) return;
    this.#options.onRefused(this.#connection.remote, reason);
    this.end();
    this.#connection.close();
  }
}
