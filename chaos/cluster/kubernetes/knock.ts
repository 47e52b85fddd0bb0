import type { Knock } from '../probe.ts';
import type { ClusterUnderTest } from '../workload.ts';
import { CONFIG_MAPS, KubeClient } from './client.ts';
import { KUBE_LIMITS } from './limits.ts';

/** A write through each API server: an object of its own, without conditions. */
export function apiKnocks(cluster: ClusterUnderTest): readonly Knock[] {
  return cluster.apiservers.map((url, i) => {
    const api = new KubeClient({ ...cluster, apiservers: [url] });
    const place = { resource: CONFIG_MAPS, namespace: 'default', name: `probe-${i}` };
    const options = { timeoutMs: KUBE_LIMITS.probeTimeoutMs };
    let count = 0;
    return {
      pauseMs: KUBE_LIMITS.probePauseMs,
      write: async () => {
        const data = { count: String(++count) };
        const patched = await api.patch(place, { data }, options);
        if (patched.type !== 'refused' || patched.status.code !== 404) return patched.type === 'done';
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: place.name }, data };
        return (await api.create(place, object, options)).type === 'done';
      },
      close: async () => api.close(),
    };
  });
}
