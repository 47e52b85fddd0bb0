import { assert } from '../../base/assert.ts';
import { pluginsInForce } from './known-plugins.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { alwaysAdmit, alwaysDeny } from './plugins/always.ts';
import { type Namespaces, namespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import { namespaceAutoProvision, namespaceExists } from './plugins/namespace-presence.ts';

/** The plugins that the flags put in force, in chain order. The flags were checked by pluginFlagsError. */
export function buildPlugins(
  flags: { readonly enable: readonly string[]; readonly disable: readonly string[] },
  services: { readonly namespaces: Namespaces; readonly createNamespace: (name: string) => Promise<unknown> },
): readonly AdmissionPlugin[] {
  const made: Readonly<Record<string, () => AdmissionPlugin>> = {
    AlwaysAdmit: () => alwaysAdmit,
    NamespaceAutoProvision: () => namespaceAutoProvision(services.namespaces, services.createNamespace),
    NamespaceLifecycle: () => namespaceLifecycle(services.namespaces),
    NamespaceExists: () => namespaceExists(services.namespaces),
    AlwaysDeny: () => alwaysDeny,
  };
  return pluginsInForce(flags.enable, flags.disable).map((name) => {
    const make = made[name];
    assert(make !== undefined, `admission plugin ${name} is listed as built and is not`);
    return make();
  });
}
