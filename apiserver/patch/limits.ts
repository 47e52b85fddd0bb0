/** Bounds on patches. Source: apiserver endpoints/handlers/patch.go. */
export const PATCH_LIMITS = {
  /** More operations in one JSON patch are refused with 413. */
  maxJsonPatchOperations: 10_000,
  /** What `copy` operations may add together; more is refused with 422. */
  maxCopyBytes: 3 * 1024 * 1024,
  /** Deeper nesting in a patch is refused with 400. */
  maxDepth: 512,
} as const;
