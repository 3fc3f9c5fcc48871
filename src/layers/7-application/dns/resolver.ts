/** A stub resolver (RFC 1034 section 5.3.1): asks the name servers of its host, and remembers what they said. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { formatIp, type IpAddress } from '../../../wire/address.ts';
import { isMalformed } from '../../../wire/reader.ts';
import type { DatagramErrorKind, DatagramSocket, DatagramUser, Endpoint } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { type Answer, type Destinations, IPV4_ANYWHERE, type NameService } from '../names.ts';
import { sendMessage } from '../send-message.ts';
import { DnsStream } from './dns-stream.ts';
import {
  CLASS_IN,
  DNS_PORT,
  type DnsMessage,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
  encodeName,
  isSameName,
  RCODE,
  TYPE,
} from './message.ts';

/** As the GNU C library does unless told otherwise: 5 s for an answer, every server twice, one after another. */
const PATIENCE_NS = 5_000_000_000;
const ROUNDS = 2;
const SECOND_NS = 1_000_000_000;
/** A chain of aliases longer than this goes in circles or might as well. */
const MAX_ALIASES = 8;

const NAME = 'resolver';
const NO_SERVER = 'this node knows no name server yet';

interface Cached {
  readonly address: IpAddress;
  readonly ttlSeconds: number;
  readonly expiresNs: number;
}

export class Resolver implements NameService {
  readonly #services: AppServices;
  #servers: readonly IpAddress[];
  readonly #cache = new Map<string, Cached>();
  /** Who waits for a name that is being asked for: it is asked for once (RFC 5452 section 5). */
  readonly #waiting = new Map<string, ((answer: Answer) => void)[]>();

  readonly #destinations: Destinations;

  /** `servers`: in the order in which they are asked. */
  constructor(services: AppServices, servers: readonly IpAddress[], destinations: Destinations = IPV4_ANYWHERE) {
    this.#services = services;
    this.#servers = servers;
    this.#destinations = destinations;
  }

  /** Asks these servers from now on; there may be none. */
  ask(servers: readonly IpAddress[]): void {
    this.#servers = servers;
  }

  /** Asks for addresses of the families that this host has, both at once as getaddrinfo does, and takes the best. */
  resolve(name: string, done: (answer: Answer) => void): void {
    const key = name.toLowerCase().replace(/\.$/, '');
    if (encodeName(key) === null || key === '') {
      done({ problem: `${name} is no domain name` });
      return;
    }
    if (this.#servers.length === 0) {
      done({ problem: NO_SERVER });
      return;
    }
    const { ipv4, ipv6 } = this.#destinations.families;
    const types = [...(ipv4 || !ipv6 ? [TYPE.A] : []), ...(ipv6 ? [TYPE.AAAA] : [])];
    const answers: Answer[] = [];
    for (const type of types) {
      this.#resolveType(key, type, (answer) => {
        answers.push(answer);
        if (answers.length === types.length) done(this.#bestOf(answers));
      });
    }
  }

  #bestOf(answers: readonly Answer[]): Answer {
    const address = this.#destinations.best(answers.flatMap((answer) => ('address' in answer ? [answer.address] : [])));
    if (address !== null) return { address };
    const problems = new Set(answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : [])));
    const [first = 'the name has no address'] = problems;
    return { problem: problems.size === 1 ? first : 'the name has no address' };
  }

  #resolveType(key: string, type: number, done: (answer: Answer) => void): void {
    const cached = this.#remembered(key, type);
    if (cached) {
      this.#services.ledger.told(NAME, `${key} is ${formatIp(cached.address)}, as the cache still knows`);
      done({ address: cached.address });
      return;
    }
    const waitingKey = cacheKey(key, type);
    const others = this.#waiting.get(waitingKey);
    if (others) {
      others.push(done);
      return;
    }
    this.#waiting.set(waitingKey, [done]);
    new Query(this.#services, this.#servers, key, type, (answer, ttlSeconds) =>
      this.#onAnswer(key, type, answer, ttlSeconds),
    ).ask();
  }

  #onAnswer(key: string, type: number, answer: Answer, ttlSeconds: number): void {
    const { ledger } = this.#services;
    if ('problem' in answer) ledger.told(NAME, `${key}: ${answer.problem}`);
    else {
      ledger.told(NAME, `${key} is ${formatIp(answer.address)}`);
      this.#remember(key, type, answer.address, ttlSeconds);
    }
    const waiting = this.#waiting.get(cacheKey(key, type)) ?? [];
    this.#waiting.delete(cacheKey(key, type));
    for (const done of waiting) done(answer);
  }

  /** RFC 1035 section 3.2.1: a TTL of zero is for this use only. */
  #remember(key: string, type: number, address: IpAddress, ttlSeconds: number): void {
    if (ttlSeconds === 0) return;
    const expiresNs = this.#services.context.nowNs + ttlSeconds * SECOND_NS;
    this.#cache.set(cacheKey(key, type), { address, ttlSeconds, expiresNs });
    this.#tellTable(
      cacheKey(key, type),
      { address: formatIp(address), ttlSeconds, expiresNs },
      'a name server said so',
    );
  }

  /** What the cache holds; a row whose time is over goes when somebody looks for it. */
  #remembered(name: string, type: number): Cached | null {
    const key = cacheKey(name, type);
    const cached = this.#cache.get(key);
    if (!cached || this.#services.context.nowNs < cached.expiresNs) return cached ?? null;
    this.#cache.delete(key);
    this.#tellTable(key, null, `its ${cached.ttlSeconds} s to live are over`);
    return null;
  }

  #tellTable(key: string, row: Readonly<Record<string, string | number>> | null, because: string): void {
    const { context } = this.#services;
    if (!context.recording) return;
    context.record({ kind: 'table', layer: 7, protocol: 'dns', change: { table: 'dns', key, row, because } });
  }
}

/** Of the name alone where an IPv4 address is asked for, as most are. */
function cacheKey(name: string, type: number): string {
  return type === TYPE.A ? name : `${name} AAAA`;
}

/** One question on its way through the servers, from a port and with a number of its own (RFC 5452 sections 9.2, 9.3). */
class Query implements DatagramUser {
  readonly #services: AppServices;
  readonly #servers: readonly IpAddress[];
  readonly #name: string;
  readonly #type: number;
  readonly #done: (answer: Answer, ttlSeconds: number) => void;
  readonly #id: number;
  readonly #socket: DatagramSocket;
  readonly #patience: Timer;
  readonly #asked = new Set<IpAddress>();
  #stream: DnsStream | null = null;
  #attempts = 0;
  #isOver = false;

  constructor(
    services: AppServices,
    servers: readonly IpAddress[],
    name: string,
    type: number,
    done: (answer: Answer, ttlSeconds: number) => void,
  ) {
    this.#services = services;
    this.#servers = servers;
    this.#name = name;
    this.#type = type;
    this.#done = done;
    this.#id = services.context.random('dns/ids').below(0x10000);
    this.#socket = services.datagrams.bind(NAME, 0, this);
    this.#patience = services.context.timer(7, NAME, 'retry', () => this.#askAnother());
  }

  /** Asks the next server, or gives up when each had its turns. */
  ask(): void {
    const server = this.#servers[this.#attempts % this.#servers.length];
    if (server === undefined || this.#attempts === ROUNDS * this.#servers.length) {
      this.#finish({ problem: 'no name server answered' });
      return;
    }
    this.#attempts++;
    this.#asked.add(server);
    const sender = { socket: this.#socket, name: NAME, protocol: 'dns' };
    this.#patience.set(PATIENCE_NS);
    const sent = sendMessage(this.#services, sender, { address: server, port: DNS_PORT }, this.#query());
    if (!sent) this.#askAnother();
  }

  #query(): Uint8Array {
    return encodeMessage({
      id: this.#id,
      isResponse: false,
      opcode: 0,
      isAuthoritative: false,
      isTruncated: false,
      isRecursionDesired: true,
      isRecursionAvailable: false,
      rcode: RCODE.noError,
      questions: [{ name: this.#name, type: this.#type, class: CLASS_IN }],
      answers: [],
    });
  }

  onDatagram(payload: Uint8Array, from: Endpoint, to: Endpoint, carries: readonly number[]): void {
    this.#onMessage(payload, NAME, { transport: 'udp', local: to, remote: from }, carries);
  }

  onDatagramError(to: Endpoint, kind: DatagramErrorKind): void {
    const isLast = this.#servers[(this.#attempts - 1) % this.#servers.length] === to.address;
    if (!isLast || (kind !== 'port-unreachable' && kind !== 'unreachable')) return;
    this.#services.ledger.told(NAME, `${formatIp(to.address)} cannot be asked: ${kind}`);
    this.#askAnother();
  }

  #onMessage(payload: Uint8Array, via: string, conversation: Conversation, carries: readonly number[]): void {
    if (this.#isOver) return;
    const { context, ledger } = this.#services;
    const message = decodeMessage(payload);
    const problem = isMalformed(message) ? message.malformed : this.#mismatch(message, conversation.remote);
    if (isMalformed(message) || problem !== null) {
      const reason = isMalformed(message) ? 'malformed' : 'not-acceptable';
      ledger.dropped('dns', via, payload, reason, problem ?? '', carries);
      return;
    }
    const was = ledger.received('dns', via, conversation, payload, carries);
    this.#onAnswer(message, conversation);
    context.resume(was);
  }

  /**
   * RFC 5452 section 9.1: an answer is believed only if question, number, addresses and ports are those of the query.
   * That this is the right port of ours the transport has seen to.
   */
  #mismatch(message: DnsMessage, from: Endpoint): string | null {
    const [question, another] = message.questions;
    if (!this.#asked.has(from.address) || from.port !== DNS_PORT) return 'it comes from somebody who was not asked';
    if (!message.isResponse || message.opcode !== 0) return 'it is no answer to a query';
    if (message.id !== this.#id) return `its number is ${message.id} and not the query's ${this.#id}`;
    if (!question || another || !isSameName(question.name, this.#name)) return 'it answers another question';
    return question.type === this.#type && question.class === CLASS_IN ? null : 'it answers another question';
  }

  #onAnswer(message: DnsMessage, { transport, remote }: Conversation): void {
    if (message.isTruncated && transport === 'udp') this.#askOverStream(remote);
    else if (message.rcode === RCODE.nameError) this.#finish({ problem: 'there is no such name' });
    else if (message.rcode === RCODE.noError) this.#finish(...followAliases(this.#name, this.#type, message.answers));
    else {
      this.#services.ledger.told(NAME, `the name server fails (code ${message.rcode})`);
      this.#askAnother();
    }
  }

  /** RFC 7766 section 5: a truncated answer is thrown away and the question asked again over TCP. */
  #askOverStream(server: Endpoint): void {
    if (this.#stream) return;
    this.#services.ledger.told(NAME, 'the answer is truncated: asks again over TCP');
    this.#patience.set(PATIENCE_NS);
    const stream = new DnsStream(this.#services, {
      onMessage: (bytes, { talk }) => {
        if (talk) this.#onMessage(bytes, talk.name, talk.conversation, NOTHING);
      },
      onOver: () => {
        if (this.#stream === stream) this.#askAnother();
      },
    });
    this.#stream = stream;
    stream.attach(this.#services.streams.connect(NAME, server, stream), false);
    stream.send(this.#query());
  }

  #askAnother(): void {
    if (this.#isOver) return;
    this.#patience.clear();
    this.#hangUp();
    this.ask();
  }

  #hangUp(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.close();
  }

  #finish(answer: Answer, ttlSeconds = 0): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#patience.clear();
    this.#hangUp();
    this.#socket.close();
    this.#done(answer, ttlSeconds);
  }
}

/** From the name over its aliases to an address (RFC 1034 section 3.6.2); what is learnt lives as long as its weakest link. */
function followAliases(
  name: string,
  wanted: number,
  answers: readonly DnsRecord[],
): [answer: Answer, ttlSeconds: number] {
  let owner = name;
  let ttlSeconds = Number.MAX_SAFE_INTEGER;
  for (let aliases = 0; aliases <= MAX_ALIASES; aliases++) {
    const own = answers.filter((record) => record.class === CLASS_IN && isSameName(record.name, owner));
    for (const { data, type, ttlSeconds: ttl } of own) {
      if (type === wanted && 'address' in data) return [{ address: data.address }, Math.min(ttlSeconds, ttl)];
    }
    const alias = own.find(({ data }) => 'alias' in data);
    if (!alias || !('alias' in alias.data)) {
      return [{ problem: `the name has no ${wanted === TYPE.A ? 'IPv4' : 'IPv6'} address` }, 0];
    }
    owner = alias.data.alias;
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
  }
  return [{ problem: `more than ${MAX_ALIASES} aliases follow each other` }, 0];
}
