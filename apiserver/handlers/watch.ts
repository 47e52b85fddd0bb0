import { formFor } from './forms.ts';
import { HANDLER_LIMITS } from './limits.ts';
import { parseListOptions, validateListOptions, watchStart } from './list-options.ts';
import type { Reply } from './reply.ts';
import { outputOf, placeOf, type ResourceCall } from './resource-call.ts';
import { select } from './selection.ts';
import { includeObjectOf } from './table.ts';
import { Watcher } from './watcher.ts';

/** GET with watch=true. `name`: the legacy /watch/ path of one object. */
export async function watch(call: ResourceCall, name = ''): Promise<Reply> {
  const { definition, context, deps } = call;
  const output = outputOf(call, { forms: ['Table', 'PartialObjectMetadata'], stream: true });
  const includeObject = includeObjectOf(context.query);
  const parsed = parseListOptions(context.query);
  const options = { ...parsed, watch: true, fieldSelector: withName(parsed.fieldSelector, name) };
  validateListOptions(options);
  const start = watchStart(options);
  const selection = select(definition, placeOf(call).namespace, options);
  const form = formFor(definition, output, includeObject, deps.now);
  return {
    type: 'stream',
    status: 200,
    headers: { 'content-type': 'application/json' },
    run: (sink) =>
      new Watcher(
        {
          cache: deps.registry.cache(definition),
          selection,
          form,
          start,
          bookmarks: options.allowWatchBookmarks,
          timeoutMs: watchSeconds(options.timeoutSeconds) * 1000,
          signal: deps.stopping,
          onSent: (events) => deps.countWatchEvents(definition, events),
        },
        sink,
      ).run(),
  };
}

const withName = (selector: string, name: string): string => {
  if (name === '') return selector;
  return selector === '' ? `metadata.name=${name}` : `${selector},metadata.name=${name}`;
};

/** Without a wish a watch ends after half an hour to an hour, at random: clients of a restarted server must not come back in step. */
function watchSeconds(wanted: number | undefined): number {
  if (wanted !== undefined && wanted > 0) return Math.min(wanted, 2 ** 31 / 1000 - 1);
  return HANDLER_LIMITS.minWatchSeconds * (1 + Math.random());
}
