import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterService, EMPTY_RANGE_REQUEST, KVService, MaintenanceService } from '../../../proto/gen/etcd.ts';
import { framed, RawGrpc, resultOf } from '../../rpc/raw-grpc.ts';
import { Names } from './comparable.ts';
import type { Ask, Asked, Line, Show, Step, Talk } from './step.ts';

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
  readonly #leader: number;

  private constructor(members: readonly RawGrpc[], names: Names, leader: number) {
    this.#members = members;
    this.#names = names;
    this.#leader = leader;
  }

  /** Connects, and learns the names of what the cluster chose by itself. */
  static async connect(clientUrls: readonly string[]): Promise<Side> {
    const members = clientUrls.map((url) => new RawGrpc(url));
    const [first] = members;
    if (first === undefined) throw new TypeError('a side needs a member');
    const ask = async (path: string, request: Uint8Array): Promise<Uint8Array> => {
      const { messages, text } = await first.call(path, framed(request));
      if (messages[0] === undefined) throw new Error(`${path}: ${text}`);
      return messages[0];
    };
    const { MemberList } = ClusterService;
    const list = MemberList.decodeResponse(
      await ask(MemberList.path, MemberList.encodeRequest({ linearizable: true })),
    );
    const { Status } = MaintenanceService;
    const { header, leader } = Status.decodeResponse(await ask(Status.path, Status.encodeRequest({})));
    const listed = clientUrls.map((url) => list.members.find(({ clientURLs }) => clientURLs.includes(url)));
    const names = new Names(
      listed.flatMap((member, i) => [
        ...(member?.clientURLs ?? []).map((url) => [url, `(client ${i})`] as const),
        ...(member?.peerURLs ?? []).map((url) => [url, `(peer ${i})`] as const),
      ]),
    );
    names.name(header?.clusterId ?? 0n, '(cluster)');
    for (const [i, member] of listed.entries()) {
      names.name(member?.ID ?? 0n, `(member ${i})`);
      names.nameMember(member?.name ?? '', `(name ${i})`);
    }
    return new Side(
      members,
      names,
      listed.findIndex((member) => member?.ID === leader),
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

  async run(given: Step | ((side: Side) => Step)): Promise<Answer> {
    const step = typeof given === 'function' ? given(this) : given;
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

  #member(asked: Asked): RawGrpc {
    const index = asked === 'leader' ? this.#leader : asked === 'follower' ? (this.#leader === 0 ? 1 : 0) : asked;
    const member = this.#members[index];
    if (member === undefined) throw new TypeError(`no member ${asked}`);
    return member;
  }

  #shown(show: Show, message: Uint8Array): unknown {
    return this.#names.plain(show(message));
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
