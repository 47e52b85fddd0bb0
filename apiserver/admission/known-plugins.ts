/**
 * Every plugin of kube-apiserver, in the order of its chain, and what it is here. `built`: made. `idle`: only about kinds that are not served
 * (pods, nodes, volumes, ingresses, webhook configurations …), so on or off is the same. `absent`: would change what is served, and is not made:
 * asking for it is refused. Source: kubernetes pkg/kubeapiserver/options/plugins.go, 1.36.
 */
export const KNOWN_PLUGINS: readonly {
  readonly name: string;
  readonly here: 'built' | 'idle' | 'absent';
  readonly byDefault: boolean;
}[] = [
  { name: 'AlwaysAdmit', here: 'built', byDefault: false },
  { name: 'NamespaceAutoProvision', here: 'built', byDefault: false },
  { name: 'NamespaceLifecycle', here: 'built', byDefault: true },
  { name: 'NamespaceExists', here: 'built', byDefault: false },
  { name: 'LimitPodHardAntiAffinityTopology', here: 'idle', byDefault: false },
  { name: 'LimitRanger', here: 'idle', byDefault: true },
  { name: 'ServiceAccount', here: 'idle', byDefault: true },
  { name: 'NodeRestriction', here: 'idle', byDefault: false },
  { name: 'TaintNodesByCondition', here: 'idle', byDefault: true },
  { name: 'AlwaysPullImages', here: 'idle', byDefault: false },
  { name: 'ImagePolicyWebhook', here: 'absent', byDefault: false },
  { name: 'PodSecurity', here: 'idle', byDefault: true },
  { name: 'PodNodeSelector', here: 'idle', byDefault: false },
  { name: 'Priority', here: 'idle', byDefault: true },
  { name: 'DefaultTolerationSeconds', here: 'idle', byDefault: true },
  { name: 'PodTolerationRestriction', here: 'idle', byDefault: false },
  { name: 'EventRateLimit', here: 'absent', byDefault: false },
  { name: 'ExtendedResourceToleration', here: 'idle', byDefault: false },
  { name: 'DefaultStorageClass', here: 'idle', byDefault: true },
  { name: 'StorageObjectInUseProtection', here: 'idle', byDefault: true },
  { name: 'PodGroupProtection', here: 'idle', byDefault: false },
  { name: 'OwnerReferencesPermissionEnforcement', here: 'absent', byDefault: false },
  { name: 'PersistentVolumeClaimResize', here: 'idle', byDefault: true },
  { name: 'RuntimeClass', here: 'idle', byDefault: true },
  { name: 'CertificateApproval', here: 'idle', byDefault: true },
  { name: 'CertificateSigning', here: 'idle', byDefault: true },
  { name: 'ClusterTrustBundleAttest', here: 'idle', byDefault: true },
  { name: 'CertificateSubjectRestriction', here: 'idle', byDefault: true },
  { name: 'DefaultIngressClass', here: 'idle', byDefault: true },
  { name: 'DenyServiceExternalIPs', here: 'idle', byDefault: false },
  { name: 'PodTopologyLabels', here: 'idle', byDefault: true },
  { name: 'MutatingAdmissionPolicy', here: 'idle', byDefault: true },
  { name: 'MutatingAdmissionWebhook', here: 'idle', byDefault: true },
  { name: 'ValidatingAdmissionPolicy', here: 'idle', byDefault: true },
  { name: 'ValidatingAdmissionWebhook', here: 'idle', byDefault: true },
  { name: 'ResourceQuota', here: 'idle', byDefault: true },
  { name: 'AlwaysDeny', here: 'built', byDefault: false },
];

/** What is wrong with `--enable-admission-plugins` and `--disable-admission-plugins`, one line; undefined when nothing is. */
export function pluginFlagsError(enable: readonly string[], disable: readonly string[]): string | undefined {
  for (const [flag, names] of [
    ['enable', enable],
    ['disable', disable],
  ] as const) {
    for (const name of names) {
      const known = KNOWN_PLUGINS.find((plugin) => plugin.name === name);
      if (known === undefined) return `${flag}-admission-plugins plugin "${name}" is unknown`;
      if (flag === 'enable' && known.here === 'absent')
        return `enable-admission-plugins plugin "${name}" is not supported`;
    }
  }
  const both = enable.find((name) => disable.includes(name));
  return both === undefined
    ? undefined
    : `${both} in enable-admission-plugins and disable-admission-plugins overlapped`;
}

/** The names of the plugins made here that are in force, in chain order. */
export function pluginsInForce(enable: readonly string[], disable: readonly string[]): readonly string[] {
  return KNOWN_PLUGINS.filter(
    ({ name, here, byDefault }) => here === 'built' && (byDefault || enable.includes(name)) && !disable.includes(name),
  ).map(({ name }) => name);
}
