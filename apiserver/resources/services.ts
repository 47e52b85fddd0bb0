import type { Strategy } from '../registry/definition.ts';
import type { RequestContext } from '../request.ts';
import type { KubeObject } from '../scheme/json.ts';

/** Answers a question: the posted object with its status. Errors: ApiError. */
export type Answer = (review: KubeObject, context: RequestContext) => Promise<KubeObject>;

/** What the kinds that are questions need in order to answer, and what rooms above have to say on kinds of this one. */
export interface BuiltInServices {
  /** serviceaccounts/token: answers the TokenRequest. `serviceAccount` exists. */
  readonly createToken: (
    request: KubeObject,
    serviceAccount: KubeObject,
    context: RequestContext,
  ) => Promise<KubeObject>;
  readonly reviewToken: Answer;
  /** SelfSubjectReview. */
  readonly reviewSelf: Answer;
  readonly reviewSubjectAccess: Answer;
  readonly reviewSelfAccess: Answer;
  /** LocalSubjectAccessReview; its namespace is `context.info.namespace`. */
  readonly reviewLocalAccess: Answer;
  /** SelfSubjectRulesReview. */
  readonly reviewSelfRules: Answer;
  /** The rules of CustomResourceDefinitions, beyond their defaults. */
  readonly customResourceDefinitions?: Pick<
    Strategy,
    'validate' | 'validateUpdate' | 'prepareForUpdate' | 'prepareForCreate'
  >;
}
