import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ClusterService,
  EMPTY_RANGE_REQUEST,
  KVService,
  MaintenanceService,
  type Member,
} from '../../../proto/gen/etcd.ts';
import { framed, RawGrpc, resultOf } from '../../rpc/raw-grpc.ts';
import { Names } from './comparable.ts';
import type { Ask, Line, Show, Step, Talk } from './step.ts';

/** An answer as it is compared. */
export interface Answer {
  readonly code: number | undefined;
  readonly text: string;
  readonly messages: readonly unknown[];
}

/** How long one line of a conversation may take. */
const LINE_TIMEOUT_MS = 5_000;

/** One of the two clusters that are asked the same. */
export class Side {
  readonly #members: readonly RawGrpc[];
  readonly #names: Names;

  private constructor(members: readonly RawGrpc[], names: Names) {
    this.#members = members;
    this.#names = names;
  }

  /** Connects, and learns the names of what the cluster chose by itself. Member 0 is the one that leads now. */
  static async connect(clientUrls: readonly string[]): Promise<Side> {
    const { leader, members, clusterId } = await clusterAt(clientUrls[0] ?? '');
    const listed = clientUrls.map((url) => ({
      url,
      member: members.find(({ clientURLs }) => clientURLs.includes(url)),
    }));
    listed.sort((a, b) => Number(b.member?.ID === leader) - Number(a.member?.ID === leader));
    const names = new Names(
      listed.flatMap(({ url, member }, i) => [
        [url, `(client ${i})`] as const,
        ...(member?.peerURLs ?? []).map((peer) => [peer, `(peer ${i})`] as const),
      ]),
    );
    names.name(clusterId, '(cluster)');
    for (const [i, { member }] of listed.entries()) {
      names.name(member?.ID ?? 0n, `(member ${i})`);
      names.nameMember(member?.name ?? '', `(name ${i})`);
    }
    return new Side(
      listed.map(({ url }) => new RawGrpc(url)),
      names,
    );
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  /** The revision of the store now. */
  async revision(): Promise<number> {
    const { path, encodeRequest, decodeResponse } = KVService.Range;
    const request = encodeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a', countOnly: true });
    const { messages } = await this.#member(0).call(path, framed(request));
    return messages[0] === undefined ? 0 : (decodeResponse(messages[0]).header?.revision ?? 0);
  }

  /** The id of a member of this side, which a step cannot know. */
  idOf(name: string): bigint {
    return this.#names.idOf(name);
  }

  /** A URL of a member of this side. */
  urlOf(name: string): string {
    return this.#names.urlOf(name);
  }

  async run(step: Step): Promise<Answer> {
    return step.kind === 'ask' ? this.#ask(step) : this.#talk(step);
  }

  async #ask({ path, body, headers, show, member }: Ask): Promise<Answer> {
    const { code, text, messages } = await this.#member(member).call(path, body, headers);
    return { code, text: this.#names.text(text), messages: messages.map((message) => this.#shown(show, message)) };
  }

  async #talk({ path, lines, headers, show, member }: Talk): Promise<Answer> {
    const stream = this.#member(member).open(path, headers);
    const result = resultOf(stream);
    const heard = new Heard(stream);
    const messages: unknown[] = [];
    for (const line of lines) messages.push(...(await this.#line(line, { stream, heard, result, show })));
    stream.close(constants.NGHTTP2_CANCEL);
    const { code, text } = await result;
    return { code, text: this.#names.text(text), messages };
  }

  async #line(
    line: Line,
    on: {
      readonly stream: ClientHttp2Stream;
      readonly heard: Heard;
      readonly result: Promise<unknown>;
      readonly show: Show;
    },
  ): Promise<readonly unknown[]> {
    switch (line.type) {
      case 'send':
        on.stream.write(line.body);
        return [];
      case 'await':
        return (await on.heard.take(line.count)).map((message) => this.#shown(on.show, message));
      case 'silence':
        await delay(line.forMs);
        return on.heard.rest().map((message) => this.#shown(on.show, message));
      case 'ask':
        return [await this.#ask(line.ask)];
      case 'halfClose':
        on.stream.end();
        return [];
      case 'end': {
        const inTime = await Promise.race([on.result.then(() => true), delay(LINE_TIMEOUT_MS, false, { ref: false })]);
        const rest = on.heard.rest().map((message) => this.#shown(on.show, message));
        return inTime ? rest : [...rest, '(no end)'];
      }
    }
  }

  #member(index: number): RawGrpc {
    const member = this.#members[index];
    if (member === undefined) throw new TypeError(`no member ${index}`);
    return member;
  }

  #shown(show: Show, message: Uint8Array): unknown {
    return this.#names.plain(show(message));
  }
}

/** Who is in a cluster, and who leads it. */
async function clusterAt(
  clientUrl: string,
): Promise<{ readonly leader: bigint; readonly clusterId: bigint; readonly members: readonly Member[] }> {
  const raw = new RawGrpc(clientUrl);
  const ask = async (path: string, request: Uint8Array): Promise<Uint8Array> => {
    const { messages, text } = await raw.call(path, framed(request));
    if (messages[0] === undefined) throw new Error(`${path}: ${text}`);
    return messages[0];
  };
  try {
    const { MemberList } = ClusterService;
    const list = await ask(MemberList.path, MemberList.encodeRequest({ linearizable: true }));
    const { Status } = MaintenanceService;
    const { header, leader } = Status.decodeResponse(await ask(Status.path, Status.encodeRequest({})));
    return { leader, clusterId: header?.clusterId ?? 0n, members: MemberList.decodeResponse(list).members };
  } finally {
    raw.close();
  }
}

/** The messages of a stream, in the order in which they came. */
class Heard {
  readonly #messages: Buffer[] = [];
  #rest = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(stream: ClientHttp2Stream) {
    stream.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      while (this.#rest.length >= 5 && this.#rest.length >= 5 + this.#rest.readUInt32BE(1)) {
        const end = 5 + this.#rest.readUInt32BE(1);
        this.#messages.push(this.#rest.subarray(5, end));
        this.#rest = this.#rest.subarray(end);
      }
      this.#wake();
    });
    stream.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The next messages; fewer when the stream ends or too much time goes by. */
  async take(count: number): Promise<readonly Buffer[]> {
    const deadline = Date.now() + LINE_TIMEOUT_MS;
    while (this.#messages.length < count && !this.#ended && Date.now() < deadline) {
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        delay(deadline - Date.now(), undefined, { ref: false }),
      ]);
    }
    return this.#messages.splice(0, count);
  }

  rest(): readonly Buffer[] {
    return this.#messages.splice(0);
  }
}
