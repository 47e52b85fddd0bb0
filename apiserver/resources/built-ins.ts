import type { ResourceDefinition } from '../registry/definition.ts';
import { localSubjectAccessReviews, selfSubjectAccessReviews, subjectAccessReviews } from './access-reviews.ts';
import { clusterRoles } from './cluster-role.ts';
import { clusterRoleBindings } from './cluster-role-binding.ts';
import { configMaps } from './config-map.ts';
import { customResourceDefinitions } from './custom-resource-definition.ts';
import { events } from './event.ts';
import { eventsV1 } from './event-v1.ts';
import { leases } from './lease.ts';
import { namespaces } from './namespace.ts';
import { roles } from './role.ts';
import { roleBindings } from './role-binding.ts';
import { selfSubjectRulesReviews } from './rules-review.ts';
import { secrets } from './secret.ts';
import { selfSubjectReviews } from './self-subject-review.ts';
import { serviceAccounts } from './service-account.ts';
import type { BuiltInServices } from './services.ts';
import { tokenReviews } from './token-review.ts';

/** Every kind that is built in, by group in the order of kube-apiserver's discovery, then by name. */
export function builtInResources(services: BuiltInServices): readonly ResourceDefinition[] {
  return [
    configMaps,
    events,
    namespaces,
    secrets,
    serviceAccounts(services),
    eventsV1,
    selfSubjectReviews(services),
    tokenReviews(services),
    localSubjectAccessReviews(services),
    selfSubjectAccessReviews(services),
    selfSubjectRulesReviews(services),
    subjectAccessReviews(services),
    clusterRoleBindings,
    clusterRoles,
    roleBindings,
    roles,
    customResourceDefinitions(services),
    leases,
  ];
}
