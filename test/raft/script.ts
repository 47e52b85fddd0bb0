import { assert } from '../../base/assert.ts';
import type { Index, MemberId } from '../../base/brand.ts';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { bootstrapState, JOINING_STATE } from '../../raft/bootstrap.ts';
import { RAFT_DEFAULTS } from '../../raft/limits.ts';
import type { ConfChange, ConfState, Entry, Message, RaftNode, RaftOptions, RaftStatus } from '../../raft/types.ts';
import { Member } from './member.ts';

const MAX_DELIVERIES = 10_000;

type Words = readonly string[];

/**
 * A cluster that is told line by line what happens, and answers with what its members do. A member handles its Readys after each
 * line that touches it; messages wait until they are delivered. Members are numbers, a link is `1->2` (`*` for anyone).
 *
 * | line | does |
 * |---|---|
 * | `cluster 3 [option=value]` | starts members 1..3, with `election heartbeat prevote checkquorum messagebytes inflight inflightbytes uncommitted chunk` |
 * | `join 4` | starts a member that knows nothing |
 * | `tick 1 [n]`, `tick all [n]` | time passes |
 * | `play n` | n times: everybody's clock ticks, and everything is delivered |
 * | `campaign 1`, `propose 1 a b`, `read 1 7`, `transfer 1 2`, `stepdown 1`, `compact 1 5`, `unreachable 1 2` | calls of RaftNode |
 * | `unattended 3`, `attended 3` | nobody waits there, or somebody does again |
 * | `flush 1` | what is held back leaves |
 * | `conf 1 [joint\|explicit] add=4 learner=5 remove=2`, `conf 1 leave` | proposes a membership change |
 * | `deliver [link [n]]` | delivers until all is quiet; with a link only what is queued on it now |
 * | `trace [link [n]]` | the same, with every message |
 * | `drop link [type]`, `duplicate link`, `reverse link`, `queue` | the messages on their way |
 * | `cut link`, `isolate 1`, `heal` | links that lose everything |
 * | `damage 3` | the next snapshot that comes there will be found damaged |
 * | `stall 1`, `persist 1 [n]`, `resume 1` | a disk that takes its time |
 * | `crash 1 [written=n] [back=n]`, `restart 1` | loses what is not on disk |
 * | `status [1]`, `log 1` | shows |
 */
export class Script {
  readonly #members = new Map<number, Member>();
  #queue: Message[] = [];
  readonly #cuts = new Set<string>();
  #output: string[] = [];
  #options: Omit<RaftOptions, 'id'> = { ...RAFT_DEFAULTS, seed: 1 };
  #silent = false;

  /** Runs the lines of one paragraph and returns what they print. */
  run(lines: readonly string[]): string {
    this.#output = [];
    for (const line of lines) {
      const [name = '', ...words] = line.split(/\s+/);
      const command = this.#commands[name];
      assert(command !== undefined, `unknown command: ${line}`);
      command(words);
    }
    return this.#output.length === 0 ? 'ok' : this.#output.join('\n');
  }

  readonly #commands: Readonly<Record<string, (words: Words) => void>> = {
    cluster: ([count, ...options]) => this.#cluster(Number(count), options),
    join: ([id]) => this.#start(Number(id), JOINING_STATE),
    tick: ([who, times]) => this.#tick(who ?? 'all', Number(times ?? 1)),
    play: ([times]) => this.#play(Number(times)),
    campaign: ([id]) => this.#with(id, (raft) => raft.campaign()),
    propose: ([id, ...texts]) => this.#with(id, (raft) => this.#propose(raft, texts)),
    conf: ([id, ...words]) =>
      this.#with(id, (raft) => this.#note(raft.proposeConfChange(parseChange(words)), 'membership change')),
    read: ([id, context]) => this.#with(id, (raft) => raft.readIndex(BigInt(context ?? 0))),
    transfer: ([id, to]) => this.#with(id, (raft) => raft.transferLeader(memberId(to))),
    stepdown: ([id]) => this.#with(id, (raft) => raft.stepDown()),
    unattended: ([id]) => this.#with(id, (raft) => raft.setUnattended(true)),
    attended: ([id]) => this.#with(id, (raft) => raft.setUnattended(false)),
    flush: ([id]) => this.#with(id, (raft) => raft.sendDeferred()),
    unreachable: ([id, other]) => this.#with(id, (raft) => raft.reportUnreachable(memberId(other))),
    compact: ([id, index]) => this.#member(id).compact(Number(index) as Index),
    deliver: ([link, count]) => this.#deliver(link, count, { trace: false }),
    trace: ([link, count]) => this.#deliver(link, count, { trace: true }),
    drop: ([link, type]) => this.#drop(link ?? '*->*', type),
    duplicate: ([link]) => void this.#queue.push(...this.#queue.filter(on(link))),
    reverse: ([link]) => this.#reverse(link ?? '*->*'),
    queue: () => void this.#output.push(...this.#queue.map(describe)),
    cut: ([link]) => void this.#cuts.add(link ?? '*->*'),
    isolate: ([id]) => void this.#cuts.add(`${id}->*`).add(`*->${id}`),
    heal: () => this.#cuts.clear(),
    damage: ([id]) => {
      this.#member(id).damagedSnapshots++;
    },
    stall: ([id]) => this.#stall(id, true),
    persist: ([id, count]) => this.#persist(id, count),
    resume: ([id]) => this.#resume(id),
    crash: ([id, ...options]) => this.#crash(id, options),
    restart: ([id]) => this.#restart(id),
    status: ([id]) => this.#status(id),
    log: ([id]) => this.#log(id),
  };

  #cluster(count: number, words: Words): void {
    for (const word of words) this.#options = { ...this.#options, ...parseOption(word) };
    const members = Array.from({ length: count }, (_, i) => ({
      id: BigInt(i + 1) as MemberId,
      context: new Uint8Array(0),
    }));
    this.#silent = true;
    for (const { id } of members) this.#start(Number(id), bootstrapState(members));
    this.#silent = false;
  }

  #start(id: number, state: typeof JOINING_STATE): void {
    const member: Member = new Member({ ...this.#options, id: BigInt(id) as MemberId }, state, {
      send: (message) => {
        if (!this.#isCut(message)) this.#queue.push(message);
      },
      soft: ({ id: who }, { role, leader, term }) => {
        const stands = leader === 0n ? 'without leader' : leader === who ? '' : `of ${leader}`;
        this.#print(`${who}: ${role} ${stands}`.trimEnd(), ` in term ${term}`);
      },
      apply: (who, entry) => this.#printApplied(who, entry),
      install: ({ id: who }, meta) => this.#print(`${who}: installs snapshot ${meta.index}/${meta.term}`),
      read: ({ id: who }, { context, index }) => this.#print(`${who}: answers read ${context} at ${index}`),
      readDropped: ({ id: who }, context) => this.#print(`${who}: drops read ${context}`),
    });
    this.#members.set(id, member);
    member.settle();
  }

  #tick(who: string, times: number): void {
    const members = who === 'all' ? [...this.#members.values()] : [this.#member(who)];
    for (let i = 0; i < times; i++) {
      for (const member of members) {
        member.raft?.tick();
        member.settle();
      }
    }
  }

  #play(times: number): void {
    for (let i = 0; i < times; i++) {
      this.#tick('all', 1);
      this.#deliver(undefined, undefined, { trace: false });
    }
  }

  #with(id: string | undefined, call: (raft: RaftNode) => void): void {
    const member = this.#member(id);
    assert(member.raft !== undefined, `${id} is not running`);
    call(member.raft);
    member.settle();
  }

  #propose(raft: RaftNode, texts: Words): void {
    for (const text of texts) {
      const [, word = text, times = '1'] = /^(.+)\*(\d+)$/.exec(text) ?? [];
      this.#note(raft.propose(utf8Bytes(word.repeat(Number(times)))), text);
    }
  }

  #note(result: string, what: string): void {
    if (result !== 'accepted') this.#print(`${result}: ${what}`);
  }

  #deliver(link: string | undefined, count: string | undefined, { trace }: { readonly trace: boolean }): void {
    if (link !== undefined) {
      const chosen = this.#queue.filter(on(link)).slice(0, count === undefined ? undefined : Number(count));
      this.#queue = this.#queue.filter((message) => !chosen.includes(message));
      for (const message of chosen) this.#step(message, trace);
      return;
    }
    let left = MAX_DELIVERIES;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      assert(left-- > 0, 'the cluster does not come to rest');
      this.#step(message, trace);
    }
  }

  #step(message: Message, trace: boolean): void {
    const member = this.#members.get(Number(message.to));
    if (this.#isCut(message)) return;
    if (trace) this.#print(describe(message));
    member?.raft?.step(message);
    member?.settle();
  }

  #drop(link: string, type: string | undefined): void {
    const lost = (message: Message): boolean => on(link)(message) && (type === undefined || message.type === type);
    this.#queue = this.#queue.filter((message) => !lost(message));
  }

  #reverse(link: string): void {
    const turned = this.#queue.filter(on(link)).reverse();
    this.#queue = [...this.#queue.filter((message) => !turned.includes(message)), ...turned];
  }

  #isCut(message: Message): boolean {
    return [...this.#cuts].some((link) => on(link)(message));
  }

  #stall(id: string | undefined, stalled: boolean): void {
    this.#member(id).stalled = stalled;
  }

  #persist(id: string | undefined, count: string | undefined): void {
    const member = this.#member(id);
    member.persist(count === undefined ? member.unpersisted.length : Number(count));
    member.settle();
  }

  #resume(id: string | undefined): void {
    this.#stall(id, false);
    this.#persist(id, undefined);
  }

  #crash(id: string | undefined, words: Words): void {
    const { written = 0, back = 0 } = Object.fromEntries(
      words.map((word) => [word.split('=')[0], Number(word.split('=')[1])]),
    );
    this.#member(id).crash({ written, appliedBack: back });
    this.#queue = this.#queue.filter((message) => message.to !== memberId(id));
  }

  #restart(id: string | undefined): void {
    const member = this.#member(id);
    member.restart();
    member.stalled = false;
    member.settle();
  }

  #status(id: string | undefined): void {
    for (const member of id === undefined ? this.#members.values() : [this.#member(id)]) {
      const status = member.raft?.status();
      if (status === undefined) this.#print(`${member.id}: down`);
      else this.#printStatus(status);
    }
  }

  #printStatus({ id, role, term, commit, applied, lastIndex, conf, progress, transferee }: RaftStatus): void {
    const handing = transferee === 0n ? '' : ` handing over to ${transferee}`;
    this.#print(
      `${id}: ${role}${handing} in term ${term} commit ${commit} applied ${applied} last ${lastIndex} ${describeConf(conf)}`,
    );
    for (const { member, match, next, state, learner, deferred } of progress) {
      const words = `${state}${learner ? ' learner' : ''}${deferred ? ' deferred' : ''}`;
      if (member !== id) this.#print(`   ${member}: ${words} match ${match} next ${next}`);
    }
  }

  #log(id: string | undefined): void {
    const { marker, entries, unpersisted } = this.#member(id);
    const onDisk = entries.map(describeEntry).join(' ');
    this.#print(`${id}: after ${marker.index}/${marker.term} [${onDisk}] ${unpersisted.length} writes on their way`);
  }

  #printApplied({ id, conf }: Member, entry: Entry): void {
    const what = entry.type === 'conf' ? `${entry.index}=(${describeConf(conf)})` : describeEntry(entry);
    const head = `${id}: applies `;
    const last = this.#output.at(-1);
    if (last?.startsWith(head) && !this.#silent) this.#output[this.#output.length - 1] = `${last} ${what}`;
    else this.#print(head + what);
  }

  #print(line: string, rest = ''): void {
    if (!this.#silent) this.#output.push(line + rest);
  }

  #member(id: string | undefined): Member {
    const member = this.#members.get(Number(id));
    assert(member !== undefined, `there is no member ${id}`);
    return member;
  }
}

function memberId(word: string | undefined): MemberId {
  return BigInt(word ?? 0) as MemberId;
}

function on(link = '*->*'): (message: Message) => boolean {
  const [from, to] = link.split('->');
  return (message) => (from === '*' || from === String(message.from)) && (to === '*' || to === String(message.to));
}

function parseOption(word: string): Partial<RaftOptions> {
  const [name = '', value = ''] = word.split('=');
  const amount = Number(value);
  const table: Readonly<Record<string, Partial<RaftOptions>>> = {
    election: { electionTicks: amount },
    heartbeat: { heartbeatTicks: amount },
    prevote: { preVote: value === 'on' },
    checkquorum: { checkQuorum: value === 'on' },
    messagebytes: { maxMessageBytes: amount },
    inflight: { maxInflightMessages: amount },
    inflightbytes: { maxInflightBytes: amount },
    uncommitted: { maxUncommittedBytes: amount },
    chunk: { snapshotChunkBytes: amount },
    seed: { seed: amount },
  };
  const option = table[name];
  assert(option !== undefined, `unknown option: ${word}`);
  return option;
}

function parseChange(words: Words): ConfChange {
  const types = { add: 'add-voter', learner: 'add-learner', remove: 'remove' } as const;
  const changes = words.flatMap((word) => {
    const [kind = '', member] = word.split('=');
    return kind in types ? [{ type: types[kind as keyof typeof types], member: memberId(member) }] : [];
  });
  const transition = words.includes('joint')
    ? 'joint-implicit'
    : words.includes('explicit')
      ? 'joint-explicit'
      : 'auto';
  return { transition, changes, context: new Uint8Array(0) };
}

function describeConf({ voters, votersOutgoing, learners, learnersNext, autoLeave }: ConfState): string {
  const parts = [`voters ${voters.join(' ')}`];
  if (votersOutgoing.length > 0) parts.push(`outgoing ${votersOutgoing.join(' ')}`);
  if (learners.length > 0) parts.push(`learners ${learners.join(' ')}`);
  if (learnersNext.length > 0) parts.push(`next ${learnersNext.join(' ')}`);
  if (autoLeave) parts.push('auto');
  return parts.join(', ');
}

function describeEntry({ index, term, type, data }: Entry): string {
  const text = type === 'conf' ? '=(conf)' : data.length === 0 ? '' : `=${shortened(utf8Text(data))}`;
  return `${index}/${term}${text}`;
}

function shortened(text: string): string {
  return text.length > 12 ? `${text.slice(0, 4)}..${text.length}` : text;
}

/** One message as one line: link, term, type and what matters of the rest. */
function describe(message: Message): string {
  return `${message.from}->${message.to} t${message.term} ${message.type}${detailOf(message)}`;
}

function detailOf(message: Message): string {
  switch (message.type) {
    case 'pre-vote':
    case 'vote':
      return ` last ${message.lastIndex}/${message.lastTerm}${message.transfer ? ' transfer' : ''}`;
    case 'pre-vote-response':
    case 'vote-response':
      return message.granted ? ' granted' : ' refused';
    case 'append': {
      const entries = message.entries.map(describeEntry).join(' ');
      return ` after ${message.prevIndex}/${message.prevTerm} [${entries}] commit ${message.commit}`;
    }
    case 'append-response':
      return message.rejected
        ? ` refused ${message.index} hint ${message.hintIndex}/${message.hintTerm}`
        : ` up to ${message.index}`;
    case 'heartbeat':
      return ` commit ${message.commit}${message.context === 0n ? '' : ` round ${message.context}`}`;
    case 'heartbeat-response':
      return message.context === 0n ? '' : ` round ${message.context}`;
    case 'snapshot-chunk': {
      const end = message.offset + message.data.length;
      return ` ${message.meta.index}/${message.meta.term} bytes ${message.offset}..${end}${message.done ? ' done' : ''}`;
    }
    case 'snapshot-chunk-response':
      return ` ${message.index} ${message.rejected ? 'refused, wants' : 'has'} ${message.nextOffset}`;
    case 'propose':
      return ` [${message.entries.map(({ data }) => utf8Text(data)).join(' ')}]`;
    case 'propose-response':
      return message.dropped ? ' dropped' : '';
    case 'read-index':
      return ` ${message.context}`;
    case 'read-index-response':
      return ` ${message.context} ${message.rejected ? 'refused' : `at ${message.index}`}`;
    case 'transfer-leader':
      return ` to ${message.transferee}`;
    case 'timeout-now':
      return '';
  }
}
