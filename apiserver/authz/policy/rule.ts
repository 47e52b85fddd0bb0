import type { PolicyRule } from '../authorizer.ts';

const READ = ['get', 'list', 'watch'];
const EDIT = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const VERBS: Readonly<Record<string, readonly string[]>> = { read: READ, edit: EDIT, all: [...READ, ...EDIT] };

/**
 * A rule from its line. `verbs | groups | resources [| names]` or, when the second part begins with `/` or is all there is, `verbs | paths`.
 * Words are divided by blanks; `core` is the core group; `read`, `edit` and `all` stand for the usual verbs. Verbs come out sorted.
 */
export function ruleOf(line: string): PolicyRule {
  const [verbs = [], second = [], resources, names] = line.split(' | ').map((part) => part.split(' '));
  const spelled = verbs.flatMap((verb) => VERBS[verb] ?? [verb]).sort();
  if (resources === undefined) return { nonResourceURLs: second, verbs: spelled };
  return {
    apiGroups: second.map((group) => (group === 'core' ? '' : group)),
    ...(names === undefined ? {} : { resourceNames: names }),
    resources,
    verbs: spelled,
  };
}
