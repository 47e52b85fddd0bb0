import { defineResource, type ResourceDefinition, type ResourceInput } from '../registry/definition.ts';
import type { Answer } from './services.ts';

/** A kind that is asked, not stored: only create, and the answer is the object itself. */
export function question(
  kind: Pick<ResourceInput, 'group' | 'kind' | 'plural' | 'scope' | 'schema'>,
  answer: Answer,
): ResourceDefinition {
  return defineResource({
    ...kind,
    version: 'v1',
    verbs: ['create'],
    stored: false,
    strategy: { virtualCreate: answer },
  });
}
