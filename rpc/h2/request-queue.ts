/** A message as it came. */
export interface ReceivedMessage {
  readonly bytes: Uint8Array;
  readonly flag: number;
}

const DONE: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/**
 * The requests of a streaming call, for one reader. Its bound is the stream's window: the client's bytes are credited only
 * when `open` is asked for them.
 */
export class RequestQueue implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #open: (message: ReceivedMessage) => Uint8Array | Promise<Uint8Array>;
  #messages: ReceivedMessage[] = [];
  #taken = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** `open` takes a message off the connection's hands; what it throws is what the reader gets. */
  constructor(open: (message: ReceivedMessage) => Uint8Array | Promise<Uint8Array>) {
    this.#open = open;
  }

  push(message: ReceivedMessage): void {
    if (this.#isEnded) return;
    this.#messages.push(message);
    this.#wakeReader();
  }

  /** No more comes; what is here can still be read. */
  end(): void {
    this.#isEnded = true;
    this.#wakeReader();
  }

  /** Nothing more is to be read. */
  cut(): void {
    this.#messages = [];
    this.#taken = 0;
    this.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const message = this.#messages[this.#taken];
      if (message !== undefined) {
        this.#forget();
        const opened = this.#open(message);
        return { done: false, value: opened instanceof Promise ? await opened : opened };
      }
      if (this.#isEnded) return DONE;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cut();
    return DONE;
  }

  #forget(): void {
    this.#taken++;
    if (this.#taken === this.#messages.length || this.#taken >= 1_024) {
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
