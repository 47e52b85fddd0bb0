/** Bounds of the registry. */
export const REGISTRY_LIMITS = {
  /** From so many linearizable reads of single objects on, those under way share one read of the store's revision. */
  sharedReads: 4,
  /** A list of an older revision is made of the watch cache when it takes no more events to be undone. */
  maxUndoneEvents: 1_000,
  /** Names tried for a generateName before 409. Source: apiserver maxNameGenerationCreateAttempts. */
  generateNameAttempts: 8,
  /** A generateName is cut to this before five characters are added. Source: apiserver storage/names. */
  generateNameBase: 58,
  /** How often a change is computed anew because somebody else was faster; then 409. */
  updateAttempts: 20,
  /** Objects deleted at the same time by one deletecollection. */
  deleteCollectionWorkers: 16,
} as const;
