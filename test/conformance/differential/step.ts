import type { Method } from '../../../proto/method.ts';
import { framed } from '../../rpc/raw-grpc.ts';
import type { Difference } from './differences.ts';

/** How one message of an answer is shown: decoded, with nothing left out. */
export type Show = (message: Uint8Array) => object;

interface Common {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly show: Show;
  /** Set where the two are meant to differ: ours is then compared with what it makes of theirs. */
  readonly differs: Difference | undefined;
  /** Set where they may differ, and need not. */
  readonly mayDiffer: Difference | undefined;
  /** Which member of the cluster is asked: 0 is the leader. */
  readonly member: number;
}

/** One request, sent whole and half-closed; all that comes back until the call ends. */
export interface Ask extends Common {
  readonly kind: 'ask';
  /** With gRPC's framing, well or badly. */
  readonly body: Uint8Array;
}

/** A stream that is talked on, line by line. */
export interface Talk extends Common {
  readonly kind: 'talk';
  readonly lines: readonly Line[];
}

/** What happens on a stream. */
export type Line =
  | { readonly type: 'send'; readonly body: Uint8Array }
  /** Waits for that many messages more. */
  | { readonly type: 'await'; readonly count: number }
  /** Waits a moment in which nothing may come. */
  | { readonly type: 'silence'; readonly forMs: number }
  /** Another call meanwhile. */
  | { readonly type: 'ask'; readonly ask: Ask }
  | { readonly type: 'halfClose' }
  /** Waits for the end that the server puts. */
  | { readonly type: 'end' };

export type Step = Ask | Talk;

/** What a step may say besides. */
export interface StepOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly differs?: Difference;
  readonly mayDiffer?: Difference;
  readonly member?: number;
}

type Coded<Request, Response> = Pick<Method<Request, Response>, 'path' | 'encodeRequest' | 'decodeResponse'>;

/** One request of a method. */
export function ask<Request, Response extends object>(
  name: string,
  method: Coded<Request, Response>,
  request: Request,
  options: StepOptions = {},
): Ask {
  return askBytes(name, method, framed(method.encodeRequest(request)), options);
}

/** One body of a method, whatever is in it. */
export function askBytes<Request, Response extends object>(
  name: string,
  method: Coded<Request, Response>,
  body: Uint8Array,
  options: StepOptions = {},
): Ask {
  return { kind: 'ask', name, path: method.path, body, show: method.decodeResponse, ...common(options) };
}

/** A conversation on a stream of a method. */
export function talk<Request, Response extends object>(
  name: string,
  method: Coded<Request, Response>,
  lines: readonly (Line | Request)[],
  options: StepOptions = {},
): Talk {
  const said = lines.map((line) =>
    isLine(line) ? line : ({ type: 'send', body: framed(method.encodeRequest(line)) } as const),
  );
  return { kind: 'talk', name, path: method.path, lines: said, show: method.decodeResponse, ...common(options) };
}

export const hear = (count: number): Line => ({ type: 'await', count });
export const silence = (forMs = 200): Line => ({ type: 'silence', forMs });
export const meanwhile = (step: Ask): Line => ({ type: 'ask', ask: step });
export const halfClose: Line = { type: 'halfClose' };
export const ended: Line = { type: 'end' };

function isLine(line: unknown): line is Line {
  return typeof line === 'object' && line !== null && 'type' in line && typeof line.type === 'string';
}

function common({
  headers = {},
  differs,
  mayDiffer,
  member = 0,
}: StepOptions): Pick<Common, 'headers' | 'differs' | 'mayDiffer' | 'member'> {
  return { headers, differs, mayDiffer, member };
}
