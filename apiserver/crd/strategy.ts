import type { Strategy } from '../registry/definition.ts';
import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { setCondition, statusOf } from './conditions.ts';
import { validateCrd, validateCrdUpdate, versionsOf } from './validation.ts';

/** Holds a CRD until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** What the CRD kind needs beyond its shape and defaults, which are `resources/`'s. Source: apiextensions registry/customresourcedefinition. */
export const crdStrategy: Strategy = {
  prepareForCreate: (crd) => {
    crd['status'] = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: storageVersions(crd) };
  },
  prepareForUpdate: (next, old) => {
    const status: JsonObject = isObject(old['status']) ? { ...old['status'] } : { ...statusOf(next) };
    const stored = isArray(status['storedVersions']) ? status['storedVersions'] : [];
    status['storedVersions'] = [...stored, ...storageVersions(next).filter((version) => !stored.includes(version))];
    next['status'] = status;
  },
  validate: validateCrd,
  validateUpdate: validateCrdUpdate,
  warnings: (crd) => warningsOf(crd),
  beginDeletion: markTerminating,
};

const storageVersions = (crd: KubeObject): Json[] =>
  versionsOf(crd['spec'])
    .filter((version) => version['storage'] === true)
    .map((version) => textAt(version, 'name'));

/** What a CRD asks for and does not get. */
function warningsOf(crd: KubeObject): readonly string[] {
  return versionsOf(crd['spec']).flatMap((version, i) =>
    isObject(at(version, 'subresources', 'scale'))
      ? [
          `spec.versions[${i}].subresources.scale: the scale subresource of custom resources is not served by this server`,
        ]
      : [],
  );
}

/** The first deletion puts the finalizer on; the CRD then stays until the controller has removed its objects. */
function markTerminating(crd: KubeObject): boolean {
  const metadata = crd.metadata ?? {};
  if (metadata['deletionTimestamp'] !== undefined) return false;
  const finalizers = isArray(metadata['finalizers']) ? metadata['finalizers'] : [];
  if (!finalizers.includes(CLEANUP_FINALIZER))
    crd.metadata = { ...metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  setCondition(
    crd,
    {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    now,
  );
  return true;
}
