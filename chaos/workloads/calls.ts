import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import type { KvInput, KvOutput } from '../models/kv.ts';
import type { Call } from '../sim/records.ts';
import type { MemberClient, RunningLife, SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';

/** What no client should ever be told. */
const NEVER: ReadonlySet<StoreErrorCode> = new Set(['INTERNAL', 'UNKNOWN', 'CORRUPT', 'UNIMPLEMENTED']);

/** What a call came to. */
export interface Answer {
  readonly output: KvOutput;
  readonly revision: number;
  readonly wrote: boolean;
}

/** Where a client goes. */
export interface Target {
  readonly name: string;
  readonly life: RunningLife;
  readonly at: SimMember;
}

/** Makes a call of which a record is kept; undefined when its outcome is unknown. */
export async function recordedCall(
  world: World,
  client: number,
  input: KvInput,
  on: { readonly target: Target; readonly act: (kv: MemberClient) => Promise<Answer> },
): Promise<Answer | undefined> {
  const call: Call = {
    client,
    member: on.target.name,
    input,
    startMs: world.clock.nowMs(),
    start: world.nextTurn(),
    end: Number.POSITIVE_INFINITY,
    output: undefined,
    revision: 0,
    wrote: false,
  };
  world.records.calls.push(call);
  const answer = await attempt(world, client, on.target, on.act);
  world.note(
    () =>
      `client ${client} ${input.type} ${input.keys.join('+')} ${'value' in input ? input.value : ''} on ${on.target.name}: ${answer === undefined ? 'unknown' : `${JSON.stringify(answer.output)} at ${answer.revision}`}`,
    { type: 'call', client, startMs: call.startMs, isKnown: answer !== undefined },
  );
  if (answer === undefined) return undefined;
  call.end = world.nextTurn();
  call.output = answer.output;
  call.revision = answer.revision;
  call.wrote = answer.wrote;
  return answer;
}

/** What `act` says, or undefined when it fails or the member dies; an error that nobody should see is a violation. */
export async function attempt<T>(
  world: World,
  client: number,
  target: Target,
  act: (kv: MemberClient) => Promise<T>,
): Promise<T | undefined> {
  const { life, at } = target;
  await Promise.race([at.awake(), life.died]);
  if (life.isOver) return undefined;
  const work = act(life.client).catch((error: unknown) => {
    // Nobody hears what a dead process would have said.
    if (life.isOver || life.isExcused || at.isTainted) return undefined;
    if (!(error instanceof StoreError) || NEVER.has(error.code))
      world.violations.push(`client ${client}: ${error instanceof Error ? error.stack : String(error)}`);
    return undefined;
  });
  return Promise.race([work, life.died]);
}
