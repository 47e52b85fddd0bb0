/** Bounds and defaults of the simulated network. */
export const SIM_NETWORK_LIMITS = {
  /** A connection answers `false` to write() while more than this is under way. */
  highWaterBytes: 4 * 1024 * 1024,
  /** One way of a chunk, drawn anew for each. */
  minDelayMs: 0.2,
  maxDelayMs: 3,
  /** A connection on which bytes are held back by a partition for this long is reset at both ends. */
  resetAfterMs: 5_000,
} as const;
