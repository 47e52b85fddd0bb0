import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { AdmissionRequest } from '../../../apiserver/admission/plugin.ts';
import type { AccessAttributes } from '../../../apiserver/authz/authorizer.ts';
import { denial, denialText } from '../../../apiserver/authz/denial.ts';
import { escalationCheck } from '../../../apiserver/authz/escalation.ts';
import { alwaysAllow, alwaysDeny, authorizerUnion, mastersAuthorizer } from '../../../apiserver/authz/modes.ts';
import { bootstrapPolicy } from '../../../apiserver/authz/policy/bootstrap.ts';
import { ruleOf } from '../../../apiserver/authz/policy/rule.ts';
import { PolicyIndex } from '../../../apiserver/authz/policy-index.ts';
import { rbacAuthorizer } from '../../../apiserver/authz/rbac.ts';
import { reviewLocalAccess, reviewSelfRules, reviewSubjectAccess } from '../../../apiserver/authz/reviews.ts';
import { compact, describeRule, ruleAllows, uncovered } from '../../../apiserver/authz/rules.ts';
import { ApiError } from '../../../apiserver/errors.ts';
import type { RequestContext, UserInfo } from '../../../apiserver/request.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';
import { FakeCache, fakeCluster } from '../controllers/fake-registry.ts';

const user = (name: string, ...groups: string[]): UserInfo => ({ name, uid: '', groups, extra: {} });
const ask = (who: UserInfo, text: string): AccessAttributes => {
  const [verb = '', target = '', namespace = '', name = ''] = text.split(' ');
  const none = {
    user: who,
    verb,
    namespace: '',
    group: '',
    version: 'v1',
    resource: '',
    subresource: '',
    name: '',
    path: '',
  };
  if (target.startsWith('/')) return { ...none, resourceRequest: false, path: target };
  const [qualified = '', subresource = ''] = target.split('/');
  const dot = qualified.indexOf('.');
  return {
    ...none,
    resourceRequest: true,
    resource: dot < 0 ? qualified : qualified.slice(0, dot),
    group: dot < 0 ? '' : qualified.slice(dot + 1),
    subresource,
    namespace: namespace === '-' ? '' : namespace,
    name,
  };
};

describe('one rule', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['get | core | pods', 'get pods ns p', true],
    ['get | core | pods', 'list pods ns', false],
    ['get | core | pods', 'get pods.apps ns', false],
    ['* | * | *', 'delete anything.x.y ns z', true],
    ['get | core | pods', 'get pods/status ns p', false],
    ['get | core | pods/status', 'get pods/status ns p', true],
    ['get | core | */status', 'get pods/status ns p', true],
    ['get | core | */status', 'get pods ns p', false],
    ['get | core | *', 'get pods/status ns p', true],
    ['get | core | pods | a b', 'get pods ns b', true],
    ['get | core | pods | a b', 'get pods ns c', false],
    ['read | core | pods | a', 'list pods ns', false],
    ['get | /healthz /healthz/*', 'get /healthz/etcd', true],
    ['get | /healthz', 'get /healthz/etcd', false],
    ['get | /api*', 'get /apis/x', true],
    ['* | *', 'get /anything', true],
    ['* | *', 'get pods ns', false],
    ['* | * | *', 'get /anything', false],
  ];
  for (const [rule, request, allowed] of rows) {
    it(`${rule}  ${allowed ? 'allows' : 'does not allow'}  ${request}`, () =>
      assert.equal(ruleAllows(ruleOf(rule), ask(user('u'), request)), allowed));
  }
});

describe('what is covered', () => {
  const rows: readonly (readonly [string, readonly string[], string, readonly string[]])[] = [
    ['all of it', ['* | * | *'], 'get list | core apps | pods', []],
    [
      'a verb is missing',
      ['get | core | pods'],
      'get list | core | pods',
      ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}'],
    ],
    ['verbs are joined', [], 'get list | core | pods', ['{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}']],
    [
      'one name is not all names',
      ['get | core | pods | a'],
      'get | core | pods',
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['all names cover one', ['get | core | pods'], 'get | core | pods | a', []],
    [
      'a wildcard is covered only by a wildcard',
      ['get | core | pods'],
      'get | core | *',
      ['{APIGroups:[""], Resources:["*"], Verbs:["get"]}'],
    ],
    ['subresources by pattern', ['get | core | */scale'], 'get | core | pods/scale', []],
    ['paths', ['get | /a/*'], 'get | /a/b /c', ['{NonResourceURLs:["/c"], Verbs:["get"]}']],
  ];
  for (const [name, held, wanted, missing] of rows) {
    it(name, () => assert.deepEqual(compact(uncovered(held.map(ruleOf), [ruleOf(wanted)])).map(describeRule), missing));
  }
});

const rules = (...lines: string[]): KubeObject => ({
  rules: lines.map((line) => ({ ...ruleOf(line) }) as unknown as KubeObject),
});
const binding = (kind: string, name: string, namespace: string, role: string, ...subjects: string[]): KubeObject => ({
  kind,
  metadata: { name, namespace },
  roleRef: { kind: role.startsWith('Role:') ? 'Role' : 'ClusterRole', name: role.replace('Role:', '') },
  subjects: subjects.map((text) => {
    const [subject = '', who = '', space = ''] = text.split(' ');
    return { kind: subject, name: who, ...(space === '' ? {} : { namespace: space }) };
  }),
});

function world() {
  const caches = {
    clusterRoles: new FakeCache(),
    clusterRoleBindings: new FakeCache(),
    roles: new FakeCache(),
    roleBindings: new FakeCache(),
  };
  caches.clusterRoles.put({ metadata: { name: 'reader' }, ...rules('read | core | pods') });
  caches.clusterRoles.put({
    metadata: { name: 'admin-of-roles' },
    ...rules('all | rbac.authorization.k8s.io | roles rolebindings clusterroles clusterrolebindings'),
  });
  caches.roles.put({ metadata: { name: 'writer', namespace: 'a' }, ...rules('create | core | pods') });
  caches.clusterRoleBindings.put(
    binding('ClusterRoleBinding', 'readers', '', 'reader', 'Group dev', 'ServiceAccount bot b'),
  );
  caches.clusterRoleBindings.put(binding('ClusterRoleBinding', 'ghost', '', 'nowhere', 'User joe'));
  caches.clusterRoleBindings.put(binding('ClusterRoleBinding', 'ara', '', 'admin-of-roles', 'User ara'));
  caches.clusterRoleBindings.put(binding('ClusterRoleBinding', 'ara-reads', '', 'reader', 'User ara'));
  caches.roleBindings.put(binding('RoleBinding', 'writers', 'a', 'Role:writer', 'User joe', 'ServiceAccount here'));
  const index = new PolicyIndex(caches);
  return { caches, index, rbac: rbacAuthorizer(index) };
}

describe('RBAC', () => {
  const { caches, index, rbac } = world();
  before(() => index.start());
  const rows: readonly (readonly [UserInfo, string, string])[] = [
    [
      user('x', 'dev'),
      'list pods a',
      'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "dev"',
    ],
    [
      user('x', 'dev'),
      'list pods',
      'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "dev"',
    ],
    [
      user('system:serviceaccount:b:bot'),
      'get pods a p',
      'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to ServiceAccount "bot/b"',
    ],
    [
      user('system:serviceaccount:a:here'),
      'create pods a',
      'RBAC: allowed by RoleBinding "writers/a" of Role "writer" to ServiceAccount "here/a"',
    ],
    [user('joe'), 'create pods a', 'RBAC: allowed by RoleBinding "writers/a" of Role "writer" to User "joe"'],
    [user('joe'), 'create pods b', '-RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found'],
    [user('nobody'), 'get pods a p', '-'],
    [user('dev'), 'get pods a p', '-'],
    [user('x', 'dev'), 'get secrets a s', '-'],
    [user('x', 'dev'), 'get /healthz', '-'],
  ];
  for (const [who, request, expected] of rows) {
    it(`${who.name} ${request}`, async () => {
      const { decision, reason } = await rbac.authorize(ask(who, request));
      assert.equal(`${decision === 'allow' ? '' : '-'}${reason}`, expected);
    });
  }

  it('follows changes at once', async () => {
    const request = ask(user('new'), 'get pods a p');
    assert.notEqual((await rbac.authorize(request)).decision, 'allow');
    caches.clusterRoleBindings.put(binding('ClusterRoleBinding', 'later', '', 'reader', 'User new'));
    assert.equal((await rbac.authorize(request)).decision, 'allow');
    caches.clusterRoleBindings.put(binding('ClusterRoleBinding', 'later', '', 'reader', 'User other'));
    assert.notEqual((await rbac.authorize(request)).decision, 'allow');
    caches.roleBindings.put(binding('RoleBinding', 'one', 'a', 'reader', 'User new'));
    assert.equal((await rbac.authorize(request)).decision, 'allow');
    caches.roleBindings.remove('a', 'one');
    assert.notEqual((await rbac.authorize(request)).decision, 'allow');
  });

  it('lists the rules of a user', async () => {
    const context = { user: user('joe') } as RequestContext;
    const answer = await reviewSelfRules({ spec: { namespace: 'a' } }, context, rbac);
    const status = answer['status'] as KubeObject;
    assert.deepEqual(status['resourceRules'], [{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }]);
    assert.equal(status['incomplete'], true);
    await assert.rejects(reviewSelfRules({ spec: {} }, context, rbac), /no namespace on request/);
  });
});

describe('denials', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['get pods ns p', 'User "u" cannot get resource "pods" in API group "" in the namespace "ns"'],
    [
      'list pods/status.apps ns',
      'User "u" cannot list resource "pods/status.apps" in API group "" in the namespace "ns"',
    ],
    ['list nodes', 'User "u" cannot list resource "nodes" in API group "" at the cluster scope'],
    ['get /x', 'User "u" cannot get path "/x"'],
  ];
  for (const [request, text] of rows) it(text, () => assert.equal(denialText(ask(user('u'), request)), text));
  it('as a Status', () => {
    const error = denial(ask(user('u'), 'get deployments.apps ns d'), 'RBAC: x');
    assert.equal(
      error.message,
      'deployments.apps "d" is forbidden: User "u" cannot get resource "deployments" in API group "apps" in the namespace "ns": RBAC: x',
    );
    assert.deepEqual(error.details, { name: 'd', group: 'apps', kind: 'deployments' });
    assert.equal(denial(ask(user('u'), 'get /x'), '').message, 'forbidden: User "u" cannot get path "/x"');
  });
});

it('modes are asked in turn', async () => {
  const request = ask(user('u', 'system:masters'), 'get pods');
  assert.equal((await authorizerUnion([mastersAuthorizer, alwaysDeny]).authorize(request)).decision, 'allow');
  assert.equal(
    (await authorizerUnion([alwaysDeny, alwaysAllow]).authorize({ ...request, user: user('u') })).decision,
    'allow',
  );
  assert.deepEqual(await authorizerUnion([mastersAuthorizer, alwaysDeny]).authorize({ ...request, user: user('u') }), {
    decision: 'no-opinion',
    reason: 'Everything is forbidden.',
  });
});

describe('access reviews', () => {
  const { index, rbac } = world();
  before(() => index.start());
  it('answer', async () => {
    const answer = await reviewSubjectAccess(
      { spec: { user: 'x', groups: ['dev'], resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'a' } } },
      rbac,
    );
    assert.equal((answer['status'] as KubeObject)['allowed'], true);
  });
  const bad: readonly (readonly [KubeObject, RegExp])[] = [
    [
      {},
      /SubjectAccessReview.authorization.k8s.io "" is invalid: \[spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified\]/,
    ],
    [
      { user: 'x', resourceAttributes: {}, nonResourceAttributes: {} },
      /cannot be specified in combination with resourceAttributes/,
    ],
  ];
  for (const [spec, text] of bad) it(String(text), () => assert.rejects(reviewSubjectAccess({ spec }, rbac), text));
  it('are local', () =>
    assert.rejects(
      reviewLocalAccess({ spec: { user: 'x', resourceAttributes: { namespace: 'b' } } }, 'a', rbac),
      /spec.resourceAttributes.namespace must match namespace: a/,
    ));
});

describe('escalation', () => {
  const { index, rbac } = world();
  const authorizer = authorizerUnion([mastersAuthorizer, rbac]);
  const check = escalationCheck(index, authorizer);
  before(() => index.start());
  const { definition } = fakeCluster();
  const write = (who: UserInfo, plural: string, object: KubeObject, oldObject?: KubeObject): Promise<void> => {
    const request: AdmissionRequest = {
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      definition: definition('rbac.authorization.k8s.io', plural),
      subresource: '',
      namespace: plural.startsWith('cluster') ? '' : 'a',
      name: 'n',
      object,
      oldObject,
      dryRun: false,
      context: { user: who } as RequestContext,
    };
    return check.validate?.(request) ?? Promise.resolve();
  };
  const refused = (run: Promise<void>, text: string | RegExp) =>
    assert.rejects(
      run,
      (error: unknown) =>
        error instanceof ApiError && (typeof text === 'string' ? error.message === text : text.test(error.message)),
    );
  const role = (...lines: string[]): KubeObject => ({ metadata: { name: 'n' }, ...rules(...lines) });

  it('a role may hold what its writer holds', () => write(user('ara'), 'roles', role('get list | core | pods')));
  it('and nothing more', () =>
    refused(
      write(user('ara', 'g'), 'roles', role('get list delete | core | pods secrets')),
      'roles.rbac.authorization.k8s.io "n" is forbidden: user "ara" (groups=["g"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["delete" "get" "list"]}',
    ));
  it('system:masters may', () => write(user('root', 'system:masters'), 'clusterroles', role('* | * | *')));
  it('an unchanged role may be written', () =>
    write(
      user('ara'),
      'roles',
      { ...role('* | * | *'), metadata: { name: 'n', labels: { a: 'b' } } },
      role('* | * | *'),
    ));
  it('an aggregation rule wants everything', () =>
    refused(
      write(user('ara'), 'clusterroles', {
        metadata: { name: 'n' },
        rules: [],
        aggregationRule: { clusterRoleSelectors: [{}] },
      }),
      /must have cluster-admin privileges to use the aggregationRule/,
    ));
  it('a binding may hand out what its writer holds', () =>
    write(user('ara'), 'clusterrolebindings', binding('ClusterRoleBinding', 'n', '', 'reader', 'User z')));
  it('and nothing more, not even through a role that exists', () =>
    refused(
      write(user('joe'), 'rolebindings', binding('RoleBinding', 'n', 'a', 'admin-of-roles', 'User joe')),
      /is attempting to grant RBAC permissions not currently held/,
    ));
  it('a binding to a role that does not exist', () =>
    refused(
      write(user('ara'), 'rolebindings', binding('RoleBinding', 'n', 'a', 'gone', 'User z')),
      'clusterroles.rbac.authorization.k8s.io "gone" not found',
    ));
  it('adding a subject is granting', () => {
    const before_ = binding('RoleBinding', 'n', 'a', 'admin-of-roles', 'User ara');
    return refused(
      write(
        user('joe'),
        'rolebindings',
        binding('RoleBinding', 'n', 'a', 'admin-of-roles', 'User ara', 'User joe'),
        before_,
      ),
      /not currently held/,
    );
  });
  it('finalizers may change', () => {
    const before_ = binding('RoleBinding', 'n', 'a', 'admin-of-roles', 'User ara');
    return write(
      user('joe'),
      'rolebindings',
      { ...before_, metadata: { ...before_.metadata, finalizers: ['x/y'] } },
      before_,
    );
  });
});

describe('the default policy', () => {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy();
  it('has the objects of a fresh 1.36 cluster', () => {
    assert.deepEqual(
      [clusterRoles.length, clusterRoleBindings.length, roles.length, roleBindings.length],
      [70, 51, 7, 7],
    );
  });

  const oracle = join(process.cwd(), '..', 'shared', 'data', 'kubernetes-1.36', 'bootstrap.yaml');
  it('is what a real server makes', {
    skip: existsSync(oracle) ? false : 'the recording of a real server is not here',
  }, () => {
    const recorded = (parse(readFileSync(oracle, 'utf8')) as { items: KubeObject[] }).items;
    const keyOf = (object: KubeObject): string =>
      `${object.kind} ${String(object.metadata?.['namespace'] ?? '')}/${String(object.metadata?.['name'])}`;
    const ours = new Map(
      [...clusterRoles, ...clusterRoleBindings, ...roles, ...roleBindings].map((object) => [keyOf(object), object]),
    );
    const theirs = recorded.filter((object) => /Role/.test(String(object.kind)));
    assert.equal(ours.size, theirs.length);
    for (const object of theirs) {
      if (object['rules'] === null) delete object['rules'];
      assert.deepEqual(ours.get(keyOf(object)), object, keyOf(object));
    }
  });
  it('escalates nobody who is not named', () => {
    const everybody = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'];
    const names = clusterRoleBindings
      .filter((each) => JSON.stringify(each['subjects'] ?? []).match(new RegExp(everybody.join('|'))))
      .map((each) => each.metadata?.['name']);
    assert.deepEqual(names.sort(), [
      'system:basic-user',
      'system:discovery',
      'system:public-info-viewer',
      'system:service-account-issuer-discovery',
    ]);
  });
});
