import { RPC_LIMITS } from '../limits.ts';

/** Bounds of JSON over HTTP. Sizes in bytes, times in milliseconds. */
export const GATEWAY_LIMITS = {
  /** One JSON value; what is larger is refused with RESOURCE_EXHAUSTED. Base64 takes 4/3 of what it carries. */
  maxValueBytes: RPC_LIMITS.maxCollectedBytes,
  /** Objects and arrays inside each other. */
  maxDepth: 1_000,
  /** How long the one request of a call may take to arrive. */
  bodyTimeoutMs: 60_000,
} as const;
