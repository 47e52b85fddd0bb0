import { compareBytes, prefixEnd } from '../../base/bytes.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { GrpcCode } from '../../client/status.ts';
import {
  type CampaignRequest,
  type CampaignResponse,
  decodeKeyValue,
  ElectionService,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EventType,
  type LeaderKey,
  type LeaderRequest,
  type LeaderResponse,
  type ProclaimRequest,
  type ProclaimResponse,
  type ResignResponse,
  WatchFilter,
} from '../../proto/gen/etcd.ts';
import { RpcError } from '../errors.ts';
import { type Binding, type CallContext, type ResponseStream, serverStream, unary } from '../service.ts';
import { asClientOfTheStore, checkCaller } from './callers.ts';
import { eventsOf } from './events.ts';
import {
  abandonPlace,
  firstPlace,
  ifStillThere,
  leavePlace,
  type Place,
  prefixOf,
  sessionLease,
  takePlace,
  untilFirst,
} from './queue.ts';

/** v3electionpb.Election. The leader is whose key stands first; the key's value is what the leader proclaims. */
export function electionService(kv: KvClient): readonly Binding[] {
  return [
    unary(ElectionService.Campaign, (request, context) => asClientOfTheStore(() => campaign(kv, request, context))),
    unary(ElectionService.Proclaim, (request, context) => asClientOfTheStore(() => proclaim(kv, request, context))),
    unary(ElectionService.Leader, (request, context) => asClientOfTheStore(() => leader(kv, request, context))),
    serverStream(ElectionService.Observe, (request, responses, context) =>
      asClientOfTheStore(() => observe(kv, request, responses, context)),
    ),
    unary(ElectionService.Resign, (request, context) =>
      asClientOfTheStore(async (): Promise<ResignResponse> => {
        const { key, rev } = known(request.leader);
        return { header: (await leavePlace(kv, { key, createRevision: rev }, context)).header };
      }),
    ),
  ];
}

async function campaign(kv: KvClient, request: CampaignRequest, context: CallContext): Promise<CampaignResponse> {
  const { name, value } = request;
  const lease = await sessionLease(kv, request.lease, context);
  const { place, header, previous } = await takePlace(kv, { name, lease, value }, context);
  const leaderKey: LeaderKey = { name, key: place.key, rev: place.createRevision, lease };
  try {
    if (previous !== undefined && compareBytes(previous.value, value) !== 0) {
      await proclaim(kv, { leader: leaderKey, value }, context);
    }
    await untilFirst(kv, place, context);
    await checkStillThere(kv, place, context);
    return { header, leader: leaderKey };
  } catch (error) {
    await abandonPlace(kv, place, context);
    throw error;
  }
}

/** etcd does not look: there, whoever waited longer than their lease lived is told that they lead. */
async function checkStillThere(kv: KvClient, place: Place, context: CallContext): Promise<void> {
  const { kvs } = await kv.range({ ...EMPTY_RANGE_REQUEST, key: place.key }, context);
  if (kvs.length === 0) throw new RpcError(GrpcCode.UNKNOWN, 'election: session expired');
}

async function proclaim(kv: KvClient, request: ProclaimRequest, context: CallContext): Promise<ProclaimResponse> {
  const { key, rev, lease } = known(request.leader);
  const requestPut = { ...EMPTY_PUT_REQUEST, key, value: request.value, lease };
  const place = { key, createRevision: rev };
  const { succeeded, header } = await ifStillThere(kv, place, { case: 'requestPut', requestPut }, context);
  if (!succeeded) throw new RpcError(GrpcCode.UNKNOWN, 'election: not leader');
  return { header };
}

async function leader(kv: KvClient, { name }: LeaderRequest, context: CallContext): Promise<LeaderResponse> {
  const first = await firstPlace(kv, prefixOf(name), context);
  if (first.kv === undefined) throw new RpcError(GrpcCode.UNKNOWN, 'election: no leader');
  return first;
}

/** Every leader in turn and what each proclaims; values that were overwritten before anybody looked may be left out. */
async function observe(
  kv: KvClient,
  { name }: LeaderRequest,
  responses: ResponseStream<LeaderResponse>,
  context: CallContext,
): Promise<void> {
  const prefix = prefixOf(name);
  for (;;) {
    checkCaller(context);
    const found = await firstPlace(kv, prefix, context);
    const current = found.kv === undefined ? await firstPut(kv, prefix, found.header?.revision ?? 0, context) : found;
    if (current?.kv === undefined) continue;
    await responses.write(current);
    const { key } = decodeKeyValue(current.kv);
    await passValues(kv, key, (current.header?.revision ?? 0) + 1, responses, context);
  }
}

/** The next candidate of an election without one; undefined when what happened was compacted meanwhile. */
async function firstPut(
  kv: KvClient,
  prefix: string,
  revision: number,
  context: CallContext,
): Promise<LeaderResponse | undefined> {
  const request = {
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    startRevision: revision + 1,
    filters: [WatchFilter.NODELETE],
  };
  for await (const { header, events } of eventsOf(kv, request, context)) {
    const bytes = events[0]?.kv;
    if (bytes === undefined || header === undefined) continue;
    // A batch may hold several puts: what follows is read from behind this one.
    return { header: { ...header, revision: decodeKeyValue(bytes).modRevision }, kv: bytes };
  }
  return undefined;
}

/** What the leader proclaims until its key is gone. */
async function passValues(
  kv: KvClient,
  key: string,
  startRevision: number,
  responses: ResponseStream<LeaderResponse>,
  context: CallContext,
): Promise<void> {
  for await (const { header, events } of eventsOf(kv, { key, startRevision }, context)) {
    for (const event of events) {
      if (event.type === EventType.DELETE) return;
      await responses.write({ header, kv: event.kv });
    }
  }
}

function known(leaderKey: LeaderKey | undefined): LeaderKey {
  if (leaderKey === undefined) throw new RpcError(GrpcCode.UNKNOWN, '"leader" field must be provided');
  return leaderKey;
}
