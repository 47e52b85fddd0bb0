/** Bounds of what a body may be. Its size is bounded where it is read. */
export const SCHEME_LIMITS = {
  /** Objects and lists inside one another, in JSON, YAML and protobuf; deeper bodies are refused with 400. */
  maxDepth: 512,
  /** Aliases that one YAML document may resolve (each may repeat a part of it). */
  maxYamlAliases: 100,
  /** Faults reported of one body; the rest is left out. */
  maxReportedFaults: 100,
  /** Keys and values of all annotations of an object together. Source: Kubernetes TotalAnnotationSizeLimitB. */
  maxAnnotationsBytes: 256 * 1024,
  /** Compiled patterns of CRDs kept; the oldest goes. */
  maxCompiledPatterns: 4096,
  /** A pattern longer than this is refused. */
  maxPatternLength: 8192,
} as const;
