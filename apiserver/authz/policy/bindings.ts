/**
 * Who has which ClusterRole at first start besides the controllers: `kind name` of each subject. A service account is written
 * `ServiceAccount namespace/name`. The role has the binding's name. Source: a kube-apiserver 1.36 at first start.
 */
export const CLUSTER_ROLE_BINDINGS: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['Group system:masters'],
  'system:basic-user': ['Group system:authenticated'],
  'system:discovery': ['Group system:authenticated'],
  'system:kube-controller-manager': ['User system:kube-controller-manager'],
  'system:kube-dns': ['ServiceAccount kube-system/kube-dns'],
  'system:kube-scheduler': ['User system:kube-scheduler'],
  'system:monitoring': ['Group system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['User system:kube-proxy'],
  'system:public-info-viewer': ['Group system:authenticated', 'Group system:unauthenticated'],
  'system:service-account-issuer-discovery': ['Group system:serviceaccounts'],
  'system:volume-scheduler': ['User system:kube-scheduler'],
};

/** RoleBindings by `namespace/name`: the role, then the subjects. */
export const ROLE_BINDINGS: Readonly<Record<string, { readonly role: string; readonly subjects: readonly string[] }>> =
  {
    'kube-public/system:controller:bootstrap-signer': {
      role: 'system:controller:bootstrap-signer',
      subjects: ['ServiceAccount kube-system/bootstrap-signer'],
    },
    'kube-system/system::extension-apiserver-authentication-reader': {
      role: 'extension-apiserver-authentication-reader',
      subjects: ['User system:kube-controller-manager', 'User system:kube-scheduler'],
    },
    'kube-system/system::leader-locking-kube-controller-manager': {
      role: 'system::leader-locking-kube-controller-manager',
      subjects: [
        'User system:kube-controller-manager',
        'ServiceAccount kube-system/kube-controller-manager',
        'ServiceAccount kube-system/leader-election-controller',
      ],
    },
    'kube-system/system::leader-locking-kube-scheduler': {
      role: 'system::leader-locking-kube-scheduler',
      subjects: ['User system:kube-scheduler', 'ServiceAccount kube-system/kube-scheduler'],
    },
    'kube-system/system:controller:bootstrap-signer': {
      role: 'system:controller:bootstrap-signer',
      subjects: ['ServiceAccount kube-system/bootstrap-signer'],
    },
    'kube-system/system:controller:cloud-provider': {
      role: 'system:controller:cloud-provider',
      subjects: ['ServiceAccount kube-system/cloud-provider'],
    },
    'kube-system/system:controller:token-cleaner': {
      role: 'system:controller:token-cleaner',
      subjects: ['ServiceAccount kube-system/token-cleaner'],
    },
  };

/** Roles made of all roles that carry the label, and the labels each carries itself. */
export const AGGREGATED_ROLES: readonly { readonly name: string; readonly from: string; readonly into?: string }[] = [
  { name: 'admin', from: 'aggregate-to-admin' },
  { name: 'edit', from: 'aggregate-to-edit', into: 'aggregate-to-admin' },
  { name: 'view', from: 'aggregate-to-view', into: 'aggregate-to-edit' },
];

/** Labels of roles that go into aggregated ones. */
export const AGGREGATION_LABELS: Readonly<Record<string, string>> = {
  'system:aggregate-to-admin': 'aggregate-to-admin',
  'system:aggregate-to-edit': 'aggregate-to-edit',
  'system:aggregate-to-view': 'aggregate-to-view',
};
