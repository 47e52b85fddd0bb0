import type { ObjectLookup } from '../../../apiserver/authn/service-account.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';

/** A cluster of a few objects by `resource namespace/name`, for what looks them up. */
export class FewObjects implements ObjectLookup {
  readonly objects = new Map<string, KubeObject>();

  put(resource: string, namespace: string, name: string, uid: string, more: KubeObject = {}): this {
    this.objects.set(`${resource} ${namespace}/${name}`, {
      ...more,
      metadata: { name, namespace, uid, ...more.metadata },
    });
    return this;
  }

  async find(resource: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.objects.get(`${resource} ${namespace}/${name}`);
  }
}
