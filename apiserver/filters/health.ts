import { type Reply, textReply } from '../handlers/reply.ts';

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string;
  /** Rejects (or answers a text) when it is not. */
  check(): Promise<undefined | string>;
}

export interface HealthChecks {
  /** The process works at all: /livez, /healthz. */
  readonly live: readonly HealthCheck[];
  /** It should be given requests: /readyz has these and the live ones. */
  readonly ready: readonly HealthCheck[];
}

const PATHS = /^\/(healthz|livez|readyz)(?:\/(.+))?$/;

/** Answers the health paths; undefined for any other. Texts as apiserver pkg/server/healthz. */
export async function health(path: string, query: URLSearchParams, checks: HealthChecks): Promise<Reply | undefined> {
  const match = PATHS.exec(path);
  if (match === null) return undefined;
  const endpoint = match[1] as string;
  const all = endpoint === 'readyz' ? [...checks.live, ...checks.ready] : checks.live;
  if (match[2] !== undefined) return one(all.find(({ name }) => name === match[2]));
  const excluded = new Set(query.getAll('exclude').flatMap((text) => text.split(',')));
  const results = await Promise.all(
    all.map(async (check): Promise<Result> => {
      const { name } = check;
      return excluded.has(name) ? { name, problem: EXCLUDED } : { name, problem: await problemOf(check) };
    }),
  );
  const known = new Set(all.map(({ name }) => name));
  const lines = results.map(({ name, problem }) => lineOf(name, problem));
  const unknown = [...excluded].filter((name) => !known.has(name));
  if (unknown.length > 0)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => `"${n}"`).join(', ')}`,
    );
  const failed = results.some(({ problem }) => problem !== undefined && problem !== EXCLUDED);
  if (failed) return textReply(500, `${lines.join('\n')}\n${endpoint} check failed\n`, NO_CACHE);
  if (!query.has('verbose')) return textReply(200, 'ok', NO_CACHE);
  return textReply(200, `${lines.join('\n')}\n${endpoint} check passed\n`, NO_CACHE);
}

interface Result {
  readonly name: string;
  readonly problem: string | undefined | typeof EXCLUDED;
}

const EXCLUDED: unique symbol = Symbol('excluded');
const NO_CACHE = { 'cache-control': 'no-cache, private' };

async function one(check: HealthCheck | undefined): Promise<Reply> {
  if (check === undefined) return textReply(404, '404 page not found\n');
  const problem = await problemOf(check);
  return problem === undefined
    ? textReply(200, 'ok', NO_CACHE)
    : textReply(500, `internal server error: ${problem}\n`, NO_CACHE);
}

async function problemOf(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lineOf(name: string, problem: string | undefined | typeof EXCLUDED): string {
  if (problem === EXCLUDED) return `[+]${name} excluded: ok`;
  // The reason is not told to whoever may read health only.
  return problem === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
}
