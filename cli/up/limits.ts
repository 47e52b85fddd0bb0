/** Bounds of `keelson up`. Milliseconds. */
export const UP_LIMITS = {
  maxMembers: 9,
  /** How long everything may take to be ready, and how often it is asked. */
  readyMs: 60_000,
  askMs: 25,
  /** A process that ended is started again after this, doubled each time up to the longest; a process that lived longer than `calmMs` starts over. */
  firstRestartMs: 200,
  longestRestartMs: 5_000,
  calmMs: 10_000,
  /** How long ports of an existing cluster are waited for: processes of a supervisor that was killed are still stopping. */
  portsMs: 15_000,
  /** How long a process may take to stop before it is killed. */
  stopMs: 25_000,
  /** A log file larger than this is put aside (one old one is kept) when a process starts. */
  maxLogBytes: 16 * 1024 * 1024,
  /** Threads for the disk: with Node's four, syncs of a member's log would wait for reads of its backend. */
  poolThreads: 16,
} as const;
