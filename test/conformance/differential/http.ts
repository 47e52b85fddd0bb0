import { exchange, type RawAnswer, type RawRequest } from '../../rpc/raw-http.ts';

/** What is served beside the API, and how it is asked for. */
export const HTTP_ROWS: readonly (readonly [path: string, request?: RawRequest])[] = [
  ['/health'],
  ['/health?serializable=true'],
  ['/health?serializable=false'],
  ['/health?exclude=NOSPACE'],
  ['/health?exclude=CORRUPT'],
  ['/health?exclude=NOSPACE&exclude=CORRUPT'],
  ['/health?exclude=nothing'],
  ['/health', { method: 'POST' }],
  ['/health/'],
  ['/livez'],
  ['/livez?verbose'],
  ['/livez?verbose=false'],
  ['/livez?exclude=serializable_read'],
  ['/livez?exclude=nothing'],
  ['/livez/serializable_read'],
  ['/livez/serializable_read?verbose'],
  ['/livez/linearizable_read'],
  ['/livez/'],
  ['/livez', { method: 'PUT' }],
  ['/readyz'],
  ['/readyz?verbose'],
  ['/readyz?exclude=data_corruption'],
  ['/readyz?exclude=data_corruption&verbose'],
  ['/readyz/data_corruption'],
  ['/readyz/data_corruption?verbose'],
  ['/readyz/serializable_read'],
  ['/readyz/linearizable_read'],
  ['/readyz/nothing'],
  ['/nothing'],
  ['/'],
  ['/version', { method: 'POST' }],
  ['/health', { method: 'GET', headers: { origin: 'http://a.example' } }],
  ['/health', { method: 'OPTIONS', headers: { origin: 'http://a.example' } }],
];

const HEADERS = ['content-type', 'allow', 'access-control-allow-origin'];

/** A check that etcd 3.5 does not have yet. */
const LATER = /^\[\+\]non_learner ok\n/m;

/**
 * What two servers must agree on: status, headers and every byte, but for the order of the lines of checks, which is that of a Go map, and
 * that we forbid browsers to guess types (`X-Content-Type-Options`) in every answer.
 */
export async function httpAnswer(url: string, [path, request]: (typeof HTTP_ROWS)[number]): Promise<object> {
  const { status, headers, body }: RawAnswer = await exchange(url + path, { method: 'GET', ...request });
  const lines = body.replace(LATER, '').split('\n');
  const checks = lines.filter((line) => line.startsWith('['));
  return {
    path,
    status,
    headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name]])),
    body: [...checks.sort(), ...lines.filter((line) => !line.startsWith('['))].join('\n'),
  };
}
