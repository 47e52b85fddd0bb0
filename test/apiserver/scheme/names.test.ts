import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../../apiserver/scheme/metadata.ts';
import {
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  pathSegment,
  qualifiedName,
  subdomainName,
} from '../../../apiserver/scheme/names.ts';

test('names of each form', () => {
  const rows: readonly (readonly [
    (value: string) => readonly string[],
    good: readonly string[],
    bad: readonly string[],
  ])[] = [
    [dns1123Label, ['a', 'a-b', '0', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64)]],
    [dns1123Subdomain, ['a', 'a.b', '0.a-b.c'], ['', '.', 'a.', '.a', 'a..b', 'A.b', 'a'.repeat(254), 'a b']],
    [dns1035Label, ['a', 'a-0'], ['0a', 'a-', '', 'A']],
    [
      qualifiedName,
      ['a', 'A_b.C', 'acme.io/a', 'a'.repeat(63)],
      ['', '/', 'a/', '/a', 'a/b/c', '-a', 'Acme.io/a', 'a'.repeat(64)],
    ],
    [labelValue, ['', 'a', 'A.b_c-d'], ['-a', 'a-', 'a b', 'a'.repeat(64)]],
    [configMapKey, ['a', '.a', '...a'.slice(2), '-', '_'], ['', '.', '..', '..a', 'a b', 'a/b', 'a'.repeat(254)]],
    [(name) => pathSegment(name, false), ['system:a', 'A b', 'a'.repeat(300)], ['.', '..', 'a/b', 'a%b']],
  ];
  for (const [judge, good, bad] of rows) {
    for (const name of good) assert.deepEqual(judge(name), [], name);
    for (const name of bad) assert.ok(judge(name).length > 0, name);
  }
  assert.deepEqual(subdomainName('a-', true), []);
});

test('what is wrong is said in the words of the real server', () => {
  assert.deepEqual(dns1123Subdomain('A'), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  assert.deepEqual(labelValue('a b'), [
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ]);
});

test('metadata of new objects', () => {
  const errorsOf = (metadata: Parameters<typeof validateObjectMeta>[0], namespaced = true): readonly string[] =>
    validateObjectMeta(metadata, { namespaced }).map((error) => error.field);
  const good = { name: 'a', namespace: 'b' };
  assert.deepEqual(errorsOf(good), []);
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '1', controller: true };
  const rows: readonly (readonly [Parameters<typeof validateObjectMeta>[0], readonly string[]])[] = [
    [{ namespace: 'b' }, ['metadata.name']],
    [{ name: 'A', namespace: 'b' }, ['metadata.name']],
    [{ name: 'a', generateName: 'X', namespace: 'b' }, ['metadata.generateName']],
    [{ name: 'a' }, ['metadata.namespace']],
    [{ ...good, labels: { 'a b': 'c d' } }, ['metadata.labels', 'metadata.labels']],
    [{ ...good, annotations: { 'A/B': 'ok' } }, []],
    [{ ...good, annotations: { a: 'x'.repeat(256 * 1024) } }, ['metadata.annotations']],
    [{ ...good, finalizers: ['a b'] }, ['metadata.finalizers']],
    [{ ...good, finalizers: ['orphan', 'foregroundDeletion'] }, ['metadata.finalizers']],
    [{ ...good, ownerReferences: [{ ...owner, uid: '' }] }, ['metadata.ownerReferences[0].uid']],
    [{ ...good, ownerReferences: [owner, { ...owner, uid: '2' }] }, ['metadata.ownerReferences']],
    [{ ...good, ownerReferences: [{ ...owner, kind: 'Event' }] }, ['metadata.ownerReferences[0]']],
    [{ ...good, generation: -1 }, ['metadata.generation']],
  ];
  for (const [metadata, fields] of rows) assert.deepEqual(errorsOf(metadata), fields);
  assert.deepEqual(errorsOf(good, false), ['metadata.namespace']);
});

test('metadata of changed objects', () => {
  const old = { name: 'a', uid: '1', finalizers: ['x.io/a'], deletionTimestamp: '2020-01-01T00:00:00Z' };
  assert.deepEqual(validateObjectMetaUpdate(old, old), []);
  assert.deepEqual(
    validateObjectMetaUpdate({ ...old, uid: '2' }, old).map(({ message }) => message),
    ['Invalid value: "2": field is immutable'],
  );
  assert.deepEqual(
    validateObjectMetaUpdate({ ...old, finalizers: ['x.io/b', 'x.io/a'] }, old).map(({ message }) => message),
    [
      'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/b"}',
    ],
  );
});
