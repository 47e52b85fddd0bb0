import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import { tokenRequest } from '../../../apiserver/resources/token-request.ts';
import { conform, decodeBody, type WantedKind } from '../../../apiserver/scheme/decode.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../apiserver/scheme/envelope.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';
import {
  createOptions,
  deleteOptions,
  getOptions,
  listOptions,
  patchOptions,
  status,
  updateOptions,
} from '../../../apiserver/scheme/meta-v1.ts';
import type { Schema } from '../../../apiserver/scheme/schema.ts';
import { kubernetesBytes, kubernetesJson, noKubernetesData } from '../kubernetes-data.ts';
import { echoServices } from '../services.ts';

const core = (kind: string, schema: Schema): WantedKind => ({ group: '', version: 'v1', kind, schema, builtIn: true });
const kinds: readonly WantedKind[] = [
  // There is no golden encoding of CustomResourceDefinition.
  ...builtInResources(echoServices).filter(({ kind }) => kind !== 'CustomResourceDefinition'),
  { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: tokenRequest, builtIn: true },
  core('DeleteOptions', deleteOptions),
  core('CreateOptions', createOptions),
  core('UpdateOptions', updateOptions),
  core('PatchOptions', patchOptions),
  core('GetOptions', getOptions),
  core('ListOptions', listOptions),
  core('Status', status),
];

for (const kind of kinds) {
  const name = `${kind.group === '' ? 'core' : kind.group}.${kind.version}.${kind.kind}`;

  test(`${name}: the golden protobuf is the golden JSON, and back to the byte`, { skip: noKubernetesData }, () => {
    const expected = kubernetesJson('golden', `${name}.json`) as KubeObject;
    const bytes = kubernetesBytes('golden', `${name}.pb`);
    const opened = decodeEnvelope(bytes, () => kind.schema);
    const object = { kind: opened.kind, apiVersion: opened.apiVersion, ...opened.object };
    assert.deepEqual(object, expected);
    assert.deepEqual(Buffer.from(encodeEnvelope(expected, kind.schema)), bytes);
  });

  test(`${name}: the golden JSON has no field that is unknown or of another type`, { skip: noKubernetesData }, () => {
    const expected = kubernetesJson('golden', `${name}.json`) as KubeObject;
    const { object, faults } = conform(structuredClone(expected), { ...kind, ...groupOf(expected) });
    assert.deepEqual(faults, []);
    assert.deepEqual(object, expected);
  });
}

/** Options have the group and version of what they are used with. */
function groupOf(object: KubeObject): { readonly group: string; readonly version: string } {
  const [group, version] = `/${object.apiVersion}`.split('/').slice(-2) as [string, string];
  return { group, version };
}

test('protobuf that is cut short or overwritten is refused, never more', { skip: noKubernetesData }, () => {
  const wanted = kinds.find((kind) => kind.kind === 'ClusterRole') as WantedKind;
  const bytes = kubernetesBytes('golden', 'rbac.authorization.k8s.io.v1.ClusterRole.pb');
  for (let i = 0; i < bytes.length; i += 3) {
    for (const broken of [
      bytes.subarray(0, i),
      Buffer.concat([bytes.subarray(0, i), Buffer.from([0xff]), bytes.subarray(i + 1)]),
    ]) {
      try {
        decodeBody(broken, 'protobuf', wanted);
      } catch (error) {
        assert.equal((error as { code?: number }).code, 400, String(error));
      }
    }
  }
});
