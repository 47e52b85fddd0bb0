/** Bounds of member-to-member snapshots. */
export const SNAPSHOT_LIMITS = {
  /** Rows are collected up to this size, then checksummed as one block; a row larger than that is a block of its own. */
  blockBytes: 1024 * 1024,
  /** A block that claims to be larger than this is refused: it is damaged, or not from a member. */
  maxBlockBytes: 256 * 1024 * 1024,
  /** The sender checks what it reads in pieces of this size: 4 bytes of memory for each. */
  pieceBytes: 64 * 1024,
  /** Rows read from the backend at a time. */
  scanRows: 4096,
  /** Members named in a snapshot's configuration; a cluster has a handful. */
  maxMembers: 1024,
} as const;
