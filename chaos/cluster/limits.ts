import { assert } from '../../base/assert.ts';

/** Bounds of chaos on real processes. Times in milliseconds. */
export const CLUSTER_LIMITS = {
  /** How long a new cluster, or one that was healed, may take until every member serves. */
  readyMs: 60_000,
  /** How long processes may take to stop before they are killed. */
  stopMs: 25_000,
  /** A killed member is started again after this. */
  restartMs: 1_000,
  /** A call of a client that nobody answered by then is of unknown outcome. */
  callTimeoutMs: 2_000,
  /** How long a watch stays on one stream at most, and how long it waits for an answer before it doubts the member. */
  watchMs: 20_000,
  watchQuietMs: 2_000,
  /** Before another stream takes the place of one that has ended. */
  watchAgainMs: 20,
  /** The probe gives up on a member after this and asks again; and pauses so long after an answer. */
  probeTimeoutMs: 500,
  probePauseMs: 5,
  /** A gap that begins this shortly before a fault began with it. */
  probeNoiseMs: 250,
  /** How often the state of every member is looked at, and how long it may take to say. */
  lookMs: 500,
  lookTimeoutMs: 400,
  /** How often progress is told. */
  tellMs: 5_000,
  /** After healing clients go on for so long, so that they see the cluster whole. */
  calmMs: 3_000,
  /** How long a healed cluster may take to do each of: take a write through every member, come to one revision, let leases run out. */
  settleMs: 60_000,
  /** Members whose revisions differ and that have not moved for so long will not come to one. */
  standstillMs: 15_000,
  /** So many findings are told; the others are in the JSON. */
  toldFindings: 20,
  /** Between two looks at something that is waited for. */
  pollMs: 200,
  /** Bytes that a proxy holds of one direction of a connection; beyond it, it stops to read. */
  maxHeldBytes: 1024 * 1024,
  /** A first frame beyond this is no hello. */
  maxHelloBytes: 64 * 1024,
  /** The first wait of TCP before it sends again what was lost. */
  retransmitMs: 200,
  /** What was lost so often that it would wait for longer than this comes through. */
  maxRetransmitMs: 3_000,
  /** Of the file system that a member gets for itself when disks are to be filled: room for its log, its backend and what a run writes. */
  smallDiskBytes: 512 * 1024 * 1024,
  /** The last lines of a member's log that are shown when it ended by itself. */
  logTailLines: 8,
  /** Steps after which the search for an order is broken off. */
  searchSteps: 50_000_000,
} as const;

assert(CLUSTER_LIMITS.lookTimeoutMs < CLUSTER_LIMITS.lookMs, 'one look ends before the next');
