/** TLS as a stream service on a stream service: streams to a named server, and a listener with a certificate. */

import type { Context } from '../../../kernel/context.ts';
import type {
  Endpoint,
  Listener,
  Stream,
  StreamOptions,
  StreamService,
  StreamUser,
} from '../../4-transport/service.ts';
import type { TlsClientOptions, TlsServerOptions, TlsService } from '../service.ts';
import type { Authority } from './authority.ts';
import type { Agreed, StoredSession } from './handshake.ts';
import { GROUP } from './key-exchange.ts';
import { resumptionPsk } from './key-schedule.ts';
import type { NewSessionTicket } from './messages.ts';
import { CIPHER_SUITES, type CipherSuite } from './record-cipher.ts';
import { TlsStream } from './tls-stream.ts';

const SECOND_NS = 1_000_000_000;
/** RFC 8446 section 4.6.1 allows seven days. */
const TICKET_SECONDS = 7200;

/** What a host needs of the world for TLS. */
export interface TlsWorld {
  readonly authority: Authority;
  /** Seconds since 1970 at the start of the run. */
  readonly epochSeconds: number;
}

export class Tls implements TlsService {
  readonly #context: Context;
  readonly #streams: StreamService;
  readonly #world: TlsWorld;
  readonly #draw: (length: number) => Uint8Array;
  /** Sessions that this host's clients may resume, by server and port. */
  readonly #sessions = new Map<string, StoredSession>();

  constructor(context: Context, streams: StreamService, world: TlsWorld) {
    this.#context = context;
    this.#streams = streams;
    this.#world = world;
    const random = context.random('tls');
    this.#draw = (length) => random.bytes(length);
  }

  client(options: TlsClientOptions): StreamService {
    return {
      connect: (name, to, user, streamOptions) => this.#connect(options, name, to, user, streamOptions),
      listen: () => {
        throw new Error('a client does not listen');
      },
    };
  }

  server(options: TlsServerOptions): StreamService {
    return {
      connect: (name, to, user, streamOptions) => this.#streams.connect(name, to, user, streamOptions),
      listen: (name, port, accept, streamOptions) => this.#listen(options, name, port, accept, streamOptions),
    };
  }

  #connect(
    options: TlsClientOptions,
    name: string,
    to: Endpoint,
    user: StreamUser,
    streamOptions?: StreamOptions,
  ): Stream {
    const context = this.#context;
    const key = `${options.serverName} ${to.port}`;
    const session = this.#sessions.get(key) ?? null;
    const isFresh = session !== null && context.nowNs - session.receivedNs < session.lifetimeNs;
    // Section C.4: a ticket is used once, so that nobody on the way can tell that two connections are of one client.
    if (session) this.#sessions.delete(key);
    const client = {
      serverName: options.serverName,
      protocols: options.protocols,
      suites: suitesOf(options.suites),
      groups: groupsOf(options.groups),
      trust: {
        roots: options.trusts === 'nobody' ? [] : [this.#world.authority.root.bytes],
        serverName: options.serverName,
        nowSeconds: this.#world.epochSeconds + Math.floor(context.nowNs / SECOND_NS),
      },
      session: isFresh ? session : null,
      nowNs: context.nowNs,
      draw: this.#draw,
    };
    const stream = new TlsStream(
      {
        context,
        side: { client },
        renewAfter: options.renewAfter,
        onAgreed: () => {},
        onTicket: (ticket, agreed) => this.#keep(key, ticket, agreed),
      },
      user,
    );
    return stream.attach(this.#streams.connect(name, to, stream, { noDelay: true, ...streamOptions }));
  }

  #keep(key: string, { nonce, ticket, ageAdd, lifetimeSeconds }: NewSessionTicket, agreed: Agreed): void {
    if (lifetimeSeconds === 0) return;
    this.#sessions.set(key, {
      psk: resumptionPsk(agreed.resumptionSecret, nonce),
      suite: agreed.suite.id,
      ticket,
      ageAdd,
      receivedNs: this.#context.nowNs,
      lifetimeNs: lifetimeSeconds * SECOND_NS,
    });
  }

  #listen(
    options: TlsServerOptions,
    name: string,
    port: number,
    accept: (stream: Stream) => StreamUser,
    streamOptions?: StreamOptions,
  ): Listener {
    const { authority } = this.#world;
    const purpose = `${this.#context.node}/${name}`;
    const { names, key: kind, isExpired, isSelfSigned } = options;
    const certificate = authority.issue(purpose, { names, key: kind, isExpired, isSelfSigned });
    const tickets = new Map<string, { psk: Uint8Array; suite: number; untilNs: number }>();
    const server = {
      chain: [certificate.bytes],
      key: certificate.key,
      protocols: options.protocols,
      suites: suitesOf(options.suites),
      groups: groupsOf(options.groups),
      sessionOf: (ticket: Uint8Array) => {
        const known = tickets.get(Buffer.from(ticket).toString('hex'));
        return known && this.#context.nowNs <= known.untilNs ? known : null;
      },
      draw: this.#draw,
    };
    const giveTicket = (stream: TlsStream, agreed: Agreed) => {
      const ticket = this.#draw(32);
      const nonce = Uint8Array.of(0);
      const untilNs = this.#context.nowNs + TICKET_SECONDS * SECOND_NS;
      const psk = resumptionPsk(agreed.resumptionSecret, nonce);
      tickets.set(Buffer.from(ticket).toString('hex'), { psk, suite: agreed.suite.id, untilNs });
      const [a = 0, b = 0, c = 0, d = 0] = this.#draw(4);
      const ageAdd = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
      stream.sendTicket({ lifetimeSeconds: TICKET_SECONDS, ageAdd, nonce, ticket });
    };
    const onAgreed = (stream: TlsStream, agreed: Agreed) => {
      stream.user = accept(stream);
      giveTicket(stream, agreed);
    };
    const onConnection = (below: Stream) => {
      const { renewAfter } = options;
      const context = this.#context;
      return new TlsStream({ context, side: { server }, renewAfter, onAgreed, onTicket: () => {} }, null).attach(below);
    };
    return this.#streams.listen(name, port, onConnection, { noDelay: true, ...streamOptions });
  }
}

function suitesOf(names: readonly string[]): readonly CipherSuite[] {
  if (names.length === 0) return CIPHER_SUITES;
  return names.flatMap((name) => CIPHER_SUITES.find((suite) => suite.name === name) ?? []);
}

function groupsOf(names: readonly ('x25519' | 'secp256r1')[]): readonly number[] {
  return names.length === 0 ? [GROUP.x25519, GROUP.secp256r1] : names.map((name) => GROUP[name]);
}
