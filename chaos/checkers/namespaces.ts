import type { Violations } from './operation.ts';

/** A namespace as it was found after the healing, once there had been time for everything that others do. */
export interface NamespaceLook {
  readonly name: string;
  /** Its creation was acknowledged and nobody deleted it; its deletion was acknowledged; or nobody knows. */
  readonly fate: 'kept' | 'deleted' | 'unknown';
  readonly isThere: boolean;
  /** Objects in it, as KIND/NAME. */
  readonly objects: readonly string[];
}

/** What every namespace is given. */
export const FURNITURE = ['configmaps/kube-root-ca.crt', 'serviceaccounts/default'] as const;

/**
 * A namespace that was deleted goes, with everything in it, also with what was made in its last moments; one that is gone leaves nothing behind; and one
 * that stays is furnished.
 */
export function checkNamespaces(looks: readonly NamespaceLook[]): Violations {
  return looks.flatMap(({ name, fate, isThere, objects }) => {
    const violations: string[] = [];
    if (fate === 'kept' && !isThere) violations.push(`namespace ${name} was acknowledged and is not there`);
    if (fate === 'deleted' && isThere)
      violations.push(`namespace ${name} was deleted and is still there, with ${textOf(objects)}`);
    if (!isThere && objects.length > 0) violations.push(`namespace ${name} is gone and left ${textOf(objects)}`);
    const missing = FURNITURE.filter((piece) => !objects.includes(piece));
    if (fate === 'kept' && isThere && missing.length > 0) violations.push(`namespace ${name} lacks ${textOf(missing)}`);
    return violations;
  });
}

const textOf = (objects: readonly string[]): string => (objects.length === 0 ? 'nothing in it' : objects.join(', '));
