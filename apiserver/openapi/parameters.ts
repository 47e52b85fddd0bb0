/** Query parameters, as OpenAPI tells of them. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const text = (name: string, description: string): QueryParameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): QueryParameter => ({ name, type: 'boolean', description });
const count = (name: string, description: string): QueryParameter => ({ name, type: 'integer', description });

const dryRun = text('dryRun', 'All: everything but storing is done.');
const fieldManager = text('fieldManager', 'Name of who makes the change, at most 128 printable characters.');
const fieldValidation = text(
  'fieldValidation',
  'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.',
);
const labelSelector = text('labelSelector', 'Only objects with these labels.');
const fieldSelector = text('fieldSelector', 'Only objects with these fields.');
const resourceVersion = text('resourceVersion', 'Which version will do; where a watch begins.');
const resourceVersionMatch = text('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.');
const limit = count('limit', 'Most objects in one answer.');
const continueToken = text('continue', 'Token of the previous page.');
const timeoutSeconds = count('timeoutSeconds', 'Ends the call after this many seconds.');
const sendInitialEvents = flag('sendInitialEvents', 'Begin a watch with the present state and a bookmark.');

export const PRETTY: QueryParameter = text('pretty', 'true: the answer is indented.');

export const PARAMETERS = {
  list: [
    flag('allowWatchBookmarks', 'Send bookmark events.'),
    continueToken,
    fieldSelector,
    labelSelector,
    limit,
    resourceVersion,
    resourceVersionMatch,
    sendInitialEvents,
    timeoutSeconds,
    flag('watch', 'Stream changes instead of listing.'),
  ],
  get: [],
  write: [dryRun, fieldManager, fieldValidation],
  patch: [
    dryRun,
    fieldManager,
    fieldValidation,
    flag('force', 'Take fields over from other managers; only with apply.'),
  ],
  delete: [
    dryRun,
    count('gracePeriodSeconds', 'Seconds until the object goes; 0 is at once.'),
    flag('orphanDependents', 'Deprecated: use propagationPolicy.'),
    text('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
  ],
  deletecollection: [
    continueToken,
    dryRun,
    fieldSelector,
    count('gracePeriodSeconds', 'Seconds until the objects go; 0 is at once.'),
    labelSelector,
    limit,
    flag('orphanDependents', 'Deprecated: use propagationPolicy.'),
    text('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
    resourceVersion,
    resourceVersionMatch,
    sendInitialEvents,
    timeoutSeconds,
  ],
} as const satisfies Record<string, readonly QueryParameter[]>;
