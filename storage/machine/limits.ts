/** Bounds of the replicated state machine. They decide what an entry comes to, so they must be the same on every member. */
export const MACHINE_LIMITS = {
  /** Learners at one time; one more is refused with TOO_MANY_LEARNERS (etcd's --max-learners). */
  maxLearners: 1,
} as const;
