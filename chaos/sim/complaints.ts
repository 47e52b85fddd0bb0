/** Different complaints that are kept of one run; of what comes after them only the number. */
const MAX_DIFFERENT = 100;

/** What the world itself noticed to be wrong. A member that fails to start every few milliseconds is one complaint with a number, not thousands. */
export class Complaints {
  readonly #counts = new Map<string, number>();
  #more = 0;

  push(text: string): void {
    const count = this.#counts.get(text);
    if (count !== undefined) this.#counts.set(text, count + 1);
    else if (this.#counts.size < MAX_DIFFERENT) this.#counts.set(text, 1);
    else this.#more++;
  }

  get all(): readonly string[] {
    const told = [...this.#counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
    return this.#more === 0 ? told : [...told, `and ${this.#more} more, of other kinds`];
  }
}
