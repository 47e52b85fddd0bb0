import type { Schema } from '../scheme/schema.ts';
import { bool, kind, list, message, shape, text } from '../scheme/shapes.ts';

/** What discovery answers with, for the documents. Source: Kubernetes meta/v1. */
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const gvk = (name: string) => ({ group: '', version: 'v1', kind: name });

const groupVersion: Schema = shape(`${META}.GroupVersionForDiscovery`, 'A version of a group.', {
  groupVersion: text(1, 'group/version.', { required: true }),
  version: text(2, 'The version alone.', { required: true }),
});

const serverAddress: Schema = shape(
  `${META}.ServerAddressByClientCIDR`,
  'Where clients of a network reach the server.',
  {
    clientCIDR: text(1, 'The network.', { required: true }),
    serverAddress: text(2, 'host:port.', { required: true }),
  },
);

const apiResource: Schema = shape(`${META}.APIResource`, 'A resource and what can be done with it.', {
  name: text(1, 'Plural name.', { required: true }),
  singularName: text(6, 'Singular name.', { required: true }),
  namespaced: bool(2, 'Objects lie in namespaces.', { required: true }),
  group: text(8, 'Group of the kind, when not that of the list.'),
  version: text(9, 'Version of the kind, when not that of the list.'),
  kind: text(3, 'Kind of the objects.', { required: true }),
  verbs: list(4, 'string', 'What can be done.', { required: true }),
  shortNames: list(5, 'string', 'Short names.', { listType: 'atomic' }),
  categories: list(7, 'string', 'Groups of resources like "all".', { listType: 'atomic' }),
  storageVersionHash: text(10, 'Changes when objects are stored in another form.'),
});

export const apiResourceListShape: Schema = kind(
  `${META}.APIResourceList`,
  gvk('APIResourceList'),
  'The resources of a group version.',
  {
    groupVersion: text(1, 'group/version.', { required: true }),
    resources: list(2, apiResource, 'The resources.', { required: true, listType: 'atomic' }),
  },
);

export const apiGroupShape: Schema = kind(`${META}.APIGroup`, gvk('APIGroup'), 'A group and its versions.', {
  name: text(1, 'Name of the group.', { required: true }),
  versions: list(2, groupVersion, 'Versions, best first.', { required: true, listType: 'atomic' }),
  preferredVersion: message(3, groupVersion, 'The best version.'),
  serverAddressByClientCIDRs: list(4, serverAddress, 'Where to reach the server.', { listType: 'atomic' }),
});

export const apiGroupListShape: Schema = kind(`${META}.APIGroupList`, gvk('APIGroupList'), 'The groups there are.', {
  groups: list(1, apiGroupShape, 'The groups.', { required: true, listType: 'atomic' }),
});

export const apiVersionsShape: Schema = kind(
  `${META}.APIVersions`,
  gvk('APIVersions'),
  'The versions of the core group.',
  {
    versions: list(1, 'string', 'The versions.', { required: true, listType: 'atomic' }),
    serverAddressByClientCIDRs: list(2, serverAddress, 'Where to reach the server.', {
      required: true,
      listType: 'atomic',
    }),
  },
);
