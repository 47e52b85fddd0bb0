/** Bounds of custom resource definitions. */

/** Versions of one CRD. */
export const MAX_VERSIONS = 100;
/** Nesting of a schema; deeper ones are refused. */
export const MAX_SCHEMA_DEPTH = 128;
/** selectableFields of a version. Source: apiextensions MaxSelectableFields. */
export const MAX_SELECTABLE_FIELDS = 8;
/** Objects deleted at once when a CRD goes. */
export const CLEANUP_CONCURRENCY = 16;
