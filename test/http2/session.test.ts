import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import type { HeaderField } from '../../http2/header-field.ts';
import { SESSION_LIMITS } from '../../http2/limits.ts';
import { ErrorCode } from '../../http2/protocol.ts';
import { Session } from '../../http2/session.ts';
import { Sessions } from '../../http2/session-group.ts';
import type { Stream, StreamUser } from '../../http2/stream.ts';

const TIMEOUT = { timeout: 20_000 };
const WINDOW = 65_536;
const KEEPALIVE = { timeMs: 60_000, timeoutMs: 60_000, onlyInUse: false };

/** What was told of one stream. */
class Told implements StreamUser {
  readonly chunks: Buffer[] = [];
  status = '';
  ended = false;
  gone: ErrorCode | undefined;
  rooms = 0;
  /** Set by a test that takes its time. */
  isPaused = false;
  readonly #session: () => Session;
  readonly #stream: () => Stream;
  readonly #onChange: () => void;
  constructor(session: () => Session, stream: () => Stream, onChange: () => void = () => undefined) {
    this.#session = session;
    this.#stream = stream;
    this.#onChange = onChange;
  }
  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }
  onHeaders(fields: readonly HeaderField[], count: number): void {
    this.status = fields.slice(0, count).find((f) => f.name === ':status')?.value ?? this.status;
    this.#onChange();
  }
  onData(bytes: Buffer): void {
    this.chunks.push(bytes);
    if (!this.isPaused) this.#session().consume(this.#stream(), bytes.length);
    this.#onChange();
  }
  onEnd(): void {
    this.ended = true;
    this.#onChange();
  }
  onGone(code: ErrorCode): void {
    this.gone = code;
    this.#onChange();
  }
  onRoom(): void {
    this.rooms++;
    this.#onChange();
  }
}

suite('two sessions', () => {
  let server: Server;
  let serverSession: Session | undefined;
  /** The streams that the server was asked for. */
  let asked: { readonly stream: Stream; readonly told: Told }[] = [];
  /** What the server does when a stream is told something. */
  let serve: (session: Session, stream: Stream, told: Told) => void = () => undefined;
  const sessions = new Sessions();

  before(async () => {
    server = createServer((socket) => {
      const session: Session = new Session(
        socket,
        {
          role: 'server',
          maxStreams: 10,
          streamWindowBytes: WINDOW,
          keepalive: KEEPALIVE,
          onRequest: (stream) => {
            const told: Told = new Told(
              () => session,
              () => stream,
              () => serve(session, stream, told),
            );
            stream.user = told;
            asked.push({ stream, told });
            serve(session, stream, told);
          },
          onClosed: () => sessions.remove(session),
          onDefect: (error) => assert.fail(String(error)),
        },
        sessions,
      );
      sessions.add(session);
      serverSession = session;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const session of [...sessions]) session.destroy();
    server.close();
  });

  async function client(): Promise<{
    readonly session: Session;
    readonly state: { isClosed: boolean; goneAway: boolean };
  }> {
    asked = [];
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const state = { isClosed: false, goneAway: false };
    const session = await new Promise<Session>((resolve) => {
      const made: Session = new Session(
        socket,
        {
          role: 'client',
          maxStreams: 0,
          streamWindowBytes: WINDOW,
          keepalive: KEEPALIVE,
          onSettings: () => resolve(made),
          onGoAway: () => {
            state.goneAway = true;
          },
          onClosed: () => {
            state.isClosed = true;
          },
          onDefect: (error) => assert.fail(String(error)),
        },
        sessions,
      );
      sessions.add(made);
    });
    return { session, state };
  }

  function request(session: Session, body?: Buffer): { readonly told: Told; readonly stream: Stream } {
    const stream: Stream = session.request((encoder) => {
      encoder.keep(':method', 'POST');
      encoder.keep(':scheme', 'http');
      encoder.keep(':path', '/echo');
    }, body === undefined);
    const told = new Told(
      () => session,
      () => stream,
    );
    stream.user = told;
    if (body !== undefined) session.data(stream, body, true);
    return { told, stream };
  }

  const until = async (what: string, is: () => boolean): Promise<void> => {
    const endMs = Date.now() + 10_000;
    while (!is()) {
      assert.ok(Date.now() < endMs, what);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  /** Sends back what came when all of it is there. */
  const echo = (session: Session, stream: Stream, told: Told): void => {
    if (!told.ended || stream.isLocalEnding) return;
    session.headers(stream, (encoder) => encoder.keep(':status', '200'), false);
    session.data(stream, told.body, true);
  };

  for (const size of [0, 1, 16_383, 16_384, 16_385, 65_536, 1_000_000, 5_000_000]) {
    test(`${size} bytes go there and back`, TIMEOUT, async () => {
      serve = echo;
      const { session } = await client();
      const body = Buffer.alloc(size, 'keelson ');
      const { told } = request(session, body);
      await until('the answer ends', () => told.ended);
      assert.equal(told.status, '200');
      assert.ok(told.body.equals(body));
      session.destroy();
    });
  }

  test('many streams at once, each with its own bytes', TIMEOUT, async () => {
    serve = echo;
    const { session } = await client();
    for (let round = 0; round < 20; round++) {
      const sent = Array.from({ length: 10 }, (_, i) => {
        const body = Buffer.alloc(1 + ((round * 7919 + i * 104_729) % 90_000), `${i} `);
        return { body, ...request(session, body) };
      });
      await until('all end', () => sent.every(({ told }) => told.ended));
      for (const { body, told } of sent) assert.ok(told.body.equals(body));
    }
    session.destroy();
  });

  test('one stream more than the server takes is refused', TIMEOUT, async () => {
    serve = () => undefined;
    const { session } = await client();
    for (let i = 0; i < 10; i++) request(session);
    assert.equal(session.hasRoom, false, 'the server has said how many it takes');
    const { told } = request(session);
    await until('it is refused', () => told.gone !== undefined);
    assert.equal(told.gone, ErrorCode.REFUSED_STREAM);
    session.destroy();
  });

  test('who does not take what comes stops the sender, and lets it go on', TIMEOUT, async () => {
    const body = Buffer.alloc(2_000_000, 'x');
    let accepted: boolean | undefined;
    serve = (session, stream, told) => {
      if (!told.ended || stream.isGone || accepted !== undefined) return;
      session.headers(stream, (encoder) => encoder.keep(':status', '200'), false);
      accepted = session.data(stream, body);
    };
    const { session } = await client();
    const { told, stream } = request(session);
    told.isPaused = true;
    await until('the window is full', () => told.body.length === WINDOW);
    assert.equal(accepted, false, 'the writer was asked to wait');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(told.body.length, WINDOW, 'nothing beyond the window comes');
    assert.equal(asked[0]?.told.rooms, 0);
    told.isPaused = false;
    session.consume(stream, WINDOW);
    await until('the rest comes', () => told.body.length === body.length);
    assert.equal(asked[0]?.told.rooms, 1, 'the writer was told, once');
    session.destroy();
  });

  test('parts that no frame fits go out in order', TIMEOUT, async () => {
    const parts = Array.from({ length: 3_000 }, (_, i) =>
      Buffer.alloc((i * 37) % 1_500, String.fromCharCode(97 + (i % 26))),
    );
    serve = (session, stream, told) => {
      if (!told.ended || stream.isLocalEnding) return;
      session.headers(stream, (encoder) => encoder.keep(':status', '200'), false);
      session.parts(stream, parts);
      session.data(stream, Buffer.from('end'), true);
    };
    const { session } = await client();
    const { told } = request(session);
    await until('the answer ends', () => told.ended);
    assert.ok(told.body.equals(Buffer.concat([...parts, Buffer.from('end')])));
    session.destroy();
  });

  test('a stream that one side resets is gone for the other', TIMEOUT, async () => {
    serve = () => undefined;
    const { session } = await client();
    const { told, stream } = request(session);
    await until('the server has it', () => asked.length === 1);
    session.reset(stream, ErrorCode.CANCEL);
    await until('the server hears', () => asked[0]?.told.gone !== undefined);
    assert.equal(asked[0]?.told.gone, ErrorCode.CANCEL);
    assert.equal(told.gone, undefined, 'who resets it knows');
    const other = request(session);
    await until('the server has the other', () => asked.length === 2);
    serverSession?.reset(asked[1]?.stream as Stream, ErrorCode.INTERNAL_ERROR);
    await until('the client hears', () => other.told.gone !== undefined);
    assert.equal(other.told.gone, ErrorCode.INTERNAL_ERROR);
    session.destroy();
  });

  test('a draining server lets streams finish, and then the connection goes', TIMEOUT, async () => {
    serve = () => undefined;
    const { session, state } = await client();
    const { told } = request(session, Buffer.from('late'));
    await until('the server has all of it', () => asked[0]?.told.ended === true);
    serverSession?.drain();
    await until('the client hears', () => state.goneAway);
    assert.equal(session.hasRoom, false);
    assert.equal(state.isClosed, false);
    echo(serverSession as Session, asked[0]?.stream as Stream, asked[0]?.told as Told);
    await until('the answer ends', () => told.ended);
    assert.equal(told.body.toString(), 'late');
    await until('the connection goes', () => state.isClosed);
  });

  test('a connection that breaks takes its streams along', TIMEOUT, async () => {
    serve = () => undefined;
    const { session, state } = await client();
    const { told } = request(session);
    await until('the server has it', () => asked.length === 1);
    serverSession?.destroy();
    await until('the client hears', () => state.isClosed);
    assert.notEqual(told.gone, undefined);
    assert.equal(session.isClosed, true);
  });

  test(
    'a connection whose socket is gone when it is taken over ends like any other, and its owner hears so afterwards',
    TIMEOUT,
    async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      await once(socket, 'close');
      const closed: Session[] = [];
      const session: Session = new Session(
        socket,
        {
          role: 'server',
          maxStreams: 1,
          streamWindowBytes: WINDOW,
          keepalive: KEEPALIVE,
          onClosed: () => closed.push(session),
          onDefect: (error) => assert.fail(String(error)),
        },
        sessions,
      );
      assert.deepEqual(closed, []);
      await new Promise(setImmediate);
      assert.deepEqual(closed, [session]);
      assert.equal(session.isClosed, true);
    },
  );

  test('a client that does not read is cut when what cannot wait has become too much', TIMEOUT, async () => {
    serve = () => undefined;
    const { session, state } = await client();
    assert.equal(state.isClosed, false);
    const peer = serverSession as Session;
    const payload = Buffer.alloc(8);
    for (let sent = 0; sent <= SESSION_LIMITS.maxSocketQueueBytes + 20_000_000; sent += 17)
      peer.outgoing.control(6 << 8, 0, payload);
    peer.flush();
    assert.equal(peer.isClosed, true);
    session.destroy();
  });
});
