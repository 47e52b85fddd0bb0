import { StoreError } from '../../base/store-error.ts';
import type { Connection } from '../../io/doors.ts';
import { decodePeerFrame, encodePeerFrame } from '../../proto/gen/peer.ts';
import type { MemberDoors } from '../doors.ts';
import { PEER_LIMITS } from '../limits.ts';
import { PeerCalls, type PeerQuestion, type PeerResult } from './calls.ts';
import { FrameReader, framed } from './frames.ts';
import { helloTo, type PeerIdentity } from './hello.ts';

/** A connection to another member on which one thing after the other is asked, for a member that does not take part yet. */
export class PeerDialog {
  readonly #connection: Connection;
  readonly #calls: PeerCalls;
  #isOpen = true;

  private constructor(connection: Connection, doors: Pick<MemberDoors, 'clock'>) {
    this.#connection = connection;
    this.#calls = new PeerCalls(doors.clock);
  }

  /** `to`: the id of who is expected there; 0 when it is not known. Errors: NetworkError. */
  static async open(
    address: string,
    doors: Pick<MemberDoors, 'clock' | 'network'>,
    { self, to }: { readonly self: PeerIdentity; readonly to: bigint },
  ): Promise<PeerDialog> {
    const connection = await doors.network.connect(address, { timeoutMs: PEER_LIMITS.connectTimeoutMs });
    const dialog = new PeerDialog(connection, doors);
    const reader = new FrameReader(PEER_LIMITS.maxFrameBytes);
    connection.onClose(() => dialog.#end());
    connection.onData((chunk) => {
      try {
        for (const payload of reader.read(chunk)) {
          const { frame } = decodePeerFrame(payload);
          if (frame?.case === 'answer') dialog.#calls.answer(frame.answer);
        }
      } catch {
        dialog.close(); // what comes there makes no sense
      }
    });
    connection.write(framed(0, encodePeerFrame({ frame: { case: 'hello', hello: helloTo(self, to) } })));
    return dialog;
  }

  /** Errors: what the other side answered; TIMEOUT, TIMEOUT_CONNECTION_LOST. */
  ask(question: PeerQuestion, timeoutMs: number): Promise<PeerResult> {
    return this.#calls.start(question, timeoutMs, (call) => {
      if (!this.#isOpen) throw new StoreError('TIMEOUT_CONNECTION_LOST', 'the connection was closed');
      this.#connection.write(framed(0, encodePeerFrame({ frame: { case: 'call', call } })));
      return true;
    });
  }

  close(): void {
    this.#end();
    this.#connection.close();
  }

  #end(): void {
    this.#isOpen = false;
    this.#calls.failAll();
  }
}
