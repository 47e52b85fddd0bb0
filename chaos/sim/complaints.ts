/** Different complaints that are kept of one run; of what comes after them only the number. */
const MAX_DIFFERENT = 100;

/** Something that must not be, and when it was noticed first, in milliseconds of virtual time. */
export interface Complaint {
  readonly text: string;
  readonly atMs: number;
}

/** What the world itself noticed to be wrong. A member that fails to start every few milliseconds is one complaint with a number, not thousands. */
export class Complaints {
  readonly #nowMs: () => number;
  readonly #onNew: (text: string) => void;
  readonly #known = new Map<string, { readonly atMs: number; count: number }>();
  #more = 0;

  constructor(nowMs: () => number, onNew: (text: string) => void) {
    this.#nowMs = nowMs;
    this.#onNew = onNew;
  }

  push(text: string): void {
    const known = this.#known.get(text);
    if (known !== undefined) known.count++;
    else if (this.#known.size < MAX_DIFFERENT) {
      this.#known.set(text, { atMs: this.#nowMs(), count: 1 });
      this.#onNew(text);
    } else this.#more++;
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  get all(): readonly Complaint[] {
    const told = [...this.#known].map(([text, { atMs, count }]) => ({
      text: count === 1 ? text : `${text} (${count} times)`,
      atMs,
    }));
    return this.#more === 0 ? told : [...told, { text: `and ${this.#more} more, of other kinds`, atMs: this.#nowMs() }];
  }
}
