/** Something that happened to the cluster. `atMs`: of this process's monotonic clock. */
export interface JournalLine {
  readonly atMs: number;
  readonly kind: 'fault' | 'healed' | 'leader' | 'note' | 'finding';
  /** Whom it concerns; undefined: everybody. */
  readonly member: string | undefined;
  readonly text: string;
}

/** How the members were at one moment, and what clients had come to by then. */
export interface Sample {
  readonly atMs: number;
  readonly members: readonly {
    readonly name: string;
    readonly state: 'down' | 'paused' | 'silent' | 'up' | 'leader';
  }[];
  readonly operations: number;
  readonly acknowledged: number;
  readonly unknown: number;
}

/** The story of a run. */
export class Journal {
  readonly startMs = performance.now();
  readonly lines: JournalLine[] = [];
  readonly samples: Sample[] = [];
  readonly #tell: (text: string) => void;

  /** `tell` prints a line. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  note(kind: JournalLine['kind'], text: string, member?: string): void {
    const line = { atMs: performance.now(), kind, member, text };
    this.lines.push(line);
    this.say(text, line.atMs);
  }

  /** Prints without keeping. */
  say(text: string, atMs = performance.now()): void {
    this.#tell(`${((atMs - this.startMs) / 1000).toFixed(1).padStart(7)}  ${text}`);
  }
}
