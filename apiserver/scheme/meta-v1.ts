import type { Schema } from './schema.ts';
import { bool, int32, int64, kind, list, map, message, rawJson, shape, text, time } from './shapes.ts';

/** Shapes that every group uses. Source: Kubernetes meta/v1. */
export const fieldsV1: Schema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  description: 'A set of fields as a tree: f:<name>, k:<keys of a list item>, v:<value>, i:<index>.',
  type: 'object',
};

export const fieldSelectorRequirement: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  'One condition on a field.',
  {
    key: text(1, 'The field.', { required: true }),
    operator: text(2, 'How key and values relate: In, NotIn, Exists or DoesNotExist.', { required: true }),
    values: list(3, 'string', 'What to compare with; empty with Exists and DoesNotExist.', { listType: 'atomic' }),
  },
);

export const labelSelectorRequirement: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'One condition on a label.',
  {
    key: text(1, 'The label.', { required: true }),
    operator: text(2, 'How key and values relate: In, NotIn, Exists or DoesNotExist.', { required: true }),
    values: list(3, 'string', 'What to compare with; empty with Exists and DoesNotExist.', { listType: 'atomic' }),
  },
);

export const labelSelector: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'Chooses objects by their labels. All conditions must hold; an empty selector chooses everything.',
  {
    matchLabels: map(1, 'string', 'Labels that must have exactly these values.'),
    matchExpressions: list(2, labelSelectorRequirement, 'Further conditions.', { listType: 'atomic' }),
  },
  { mapType: 'atomic' },
);

export const ownerReference: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  'Says which object this one belongs to; it goes when all its owners are gone.',
  {
    apiVersion: text(5, 'API version of the owner.', { required: true }),
    kind: text(1, 'Kind of the owner.', { required: true }),
    name: text(3, 'Name of the owner.', { required: true }),
    uid: text(4, 'UID of the owner.', { required: true }),
    controller: bool(6, 'True for the one owner that manages this object.', { optional: true }),
    blockOwnerDeletion: bool(7, 'The owner, deleted in the foreground, waits for this object to go.', {
      optional: true,
    }),
  },
  { mapType: 'atomic' },
);

export const managedFieldsEntry: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
  'Which fields one manager last set, and how.',
  {
    manager: text(1, 'Who set the fields.'),
    operation: text(2, 'Apply or Update.'),
    apiVersion: text(3, 'Version in which the fields were set.'),
    time: time(4, 'When the set of fields last changed.', { optional: true }),
    fieldsType: text(6, 'Format of fieldsV1; only FieldsV1.'),
    fieldsV1: rawJson(7, fieldsV1, 'The fields.'),
    subresource: text(8, 'Through which subresource; empty is the main one.'),
  },
);

export const objectMeta: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  'What every stored object has: name, identity, version, labels, owners.',
  {
    name: text(1, 'Name, unique in the namespace (or cluster) for a resource; cannot change.'),
    generateName: text(2, 'Prefix for a name the server completes when name is empty.'),
    namespace: text(3, 'Namespace the object lives in; cannot change.'),
    selfLink: text(4, 'Unused.'),
    uid: text(5, 'Identity in time and space, set by the server.'),
    resourceVersion: text(6, 'Version of the stored object: to detect changes and to watch from. Set by the server.'),
    generation: int64(7, 'Counts changes of the desired state. Set by the server.'),
    creationTimestamp: time(8, 'When the object was made. Set by the server.'),
    deletionTimestamp: time(9, 'When the object is to go; set by a graceful deletion.', { optional: true }),
    deletionGracePeriodSeconds: int64(10, 'Seconds the object has to end; only with deletionTimestamp.', {
      optional: true,
    }),
    labels: map(11, 'string', 'Keys and values to organise and select objects by.'),
    annotations: map(12, 'string', 'Keys and values for tools; not selectable.'),
    ownerReferences: list(13, ownerReference, 'Objects this one depends on.', {
      listType: 'map',
      listMapKeys: ['uid'],
      merge: 'uid',
    }),
    finalizers: list(14, 'string', 'Who has work to do before the object may go.', { listType: 'set', merge: true }),
    managedFields: list(17, managedFieldsEntry, 'Who manages which fields.', { listType: 'atomic' }),
  },
);

export const shardInfo: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo',
  'Which part of a sharded list this is.',
  {
    selector: text(1, 'The selector of the shard.', { required: true }),
  },
);

export const listMeta: Schema = shape('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', 'What every list has.', {
  selfLink: text(1, 'Unused.'),
  resourceVersion: text(2, 'Version of the store the list was read at: watch from here.'),
  continue: text(3, 'Token to get the next page with; empty on the last.'),
  remainingItemCount: int64(4, 'How many objects follow this page, when known.', { optional: true }),
  shardInfo: message(5, shardInfo, 'Set when the list is a shard.', { optional: true }),
});

export const statusCause: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause',
  'One more detail of a failure.',
  {
    reason: text(1, 'Machine-readable cause.'),
    message: text(2, 'The same for people.'),
    field: text(3, 'The field the cause lies in, like spec.ports[0].name.'),
  },
);

export const statusDetails: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails',
  'What a Status is about.',
  {
    name: text(1, 'Name of the resource.'),
    group: text(2, 'Its API group.'),
    kind: text(3, 'Its resource or kind.'),
    uid: text(6, 'Its UID.'),
    causes: list(4, statusCause, 'Details of the failure.', { listType: 'atomic' }),
    retryAfterSeconds: int32(5, 'Seconds to wait before trying again.'),
  },
);

export const status: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
  { group: '', version: 'v1', kind: 'Status' },
  'Answer to a call that returns no other object.',
  {
    metadata: message(1, listMeta, 'List metadata.'),
    status: text(2, 'Success or Failure.'),
    message: text(3, 'What happened, for people.'),
    reason: text(4, 'Why, machine-readable.'),
    details: message(5, statusDetails, 'What it is about.', { optional: true }),
    code: int32(6, 'HTTP status code.'),
  },
);

export const preconditions: Schema = shape(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions',
  'What must hold for an operation to be done.',
  {
    uid: text(1, 'UID the object must have.', { optional: true }),
    resourceVersion: text(2, 'Version the object must have.', { optional: true }),
  },
);

export const deleteOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  { group: '', version: 'v1', kind: 'DeleteOptions' },
  'How an object is to be deleted.',
  {
    gracePeriodSeconds: int64(1, 'Seconds until it goes; 0 is at once.', { optional: true }),
    preconditions: message(2, preconditions, 'Refused with a conflict when these do not hold.', { optional: true }),
    orphanDependents: bool(3, 'Deprecated: use propagationPolicy.', { optional: true }),
    propagationPolicy: text(4, 'What becomes of dependents: Orphan, Background or Foreground.', { optional: true }),
    dryRun: list(5, 'string', 'All: everything but storing.', { listType: 'atomic' }),
    ignoreStoreReadErrorWithClusterBreakingPotential: bool(
      6,
      'Delete even an object that cannot be read from the store.',
      { optional: true },
    ),
  },
);

export const createOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.CreateOptions',
  { group: '', version: 'v1', kind: 'CreateOptions' },
  'How an object is to be created.',
  {
    dryRun: list(1, 'string', 'All: everything but storing.'),
    fieldManager: text(3, 'Name of who makes the change.'),
    fieldValidation: text(4, 'What becomes of unknown fields: Ignore, Warn or Strict.'),
  },
);

export const updateOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.UpdateOptions',
  { group: '', version: 'v1', kind: 'UpdateOptions' },
  'How an object is to be updated.',
  {
    dryRun: list(1, 'string', 'All: everything but storing.'),
    fieldManager: text(2, 'Name of who makes the change.'),
    fieldValidation: text(3, 'What becomes of unknown fields: Ignore, Warn or Strict.'),
  },
);

export const patchOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.PatchOptions',
  { group: '', version: 'v1', kind: 'PatchOptions' },
  'How an object is to be patched.',
  {
    dryRun: list(1, 'string', 'All: everything but storing.'),
    force: bool(2, 'Take fields over from other managers (apply only).', { optional: true }),
    fieldManager: text(3, 'Name of who makes the change; apply requires it.'),
    fieldValidation: text(4, 'What becomes of unknown fields: Ignore, Warn or Strict.'),
  },
);

export const getOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.GetOptions',
  { group: '', version: 'v1', kind: 'GetOptions' },
  'How an object is to be read.',
  {
    resourceVersion: text(1, 'Which version will do.'),
  },
);

export const listOptions: Schema = kind(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListOptions',
  { group: '', version: 'v1', kind: 'ListOptions' },
  'How objects are to be listed or watched.',
  {
    labelSelector: text(1, 'Only objects with these labels.'),
    fieldSelector: text(2, 'Only objects with these fields.'),
    watch: bool(3, 'Stream changes instead of listing.'),
    allowWatchBookmarks: bool(9, 'Send bookmark events.'),
    resourceVersion: text(4, 'Which version will do; where a watch begins.'),
    resourceVersionMatch: text(10, 'How resourceVersion is meant: Exact or NotOlderThan.'),
    timeoutSeconds: int64(5, 'Ends the call after this many seconds.', { optional: true }),
    limit: int64(7, 'Most objects in one answer.'),
    continue: text(8, 'Token of the previous page.'),
    sendInitialEvents: bool(11, 'Begin a watch with the present state and a bookmark.', { optional: true }),
    shardSelector: text(15, 'Only objects of one shard.'),
  },
);
