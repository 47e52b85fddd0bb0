/** Bounds of the wire format. */
export const WIRE_LIMITS = {
  /**
   * Messages inside messages. etcd lets transactions nest until their operations (128 by default) are used up, and each
   * nesting is two messages, so this lies above 2 x 128. Deeper input is refused with WireError DEPTH.
   */
  maxDepth: 320,
  /** A varint longer than this is refused with WireError OVERFLOW. */
  maxVarintBytes: 10,
  /** The scratch buffer that encoding starts in and keeps between messages; a larger message frees its buffer when done. */
  scratchBytes: 64 * 1024,
  maxKeptScratchBytes: 1024 * 1024,
  /** From here on, a message of encoded elements gets a buffer of its own size, and this much for its other fields. */
  minBulkBytes: 4 * 1024,
  bulkMarginBytes: 512,
} as const;
