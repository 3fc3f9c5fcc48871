import type { Context } from '../../../kernel/context.ts';
import { NOTHING } from '../../../kernel/journal.ts';
import type { Rng } from '../../../kernel/rng.ts';
import { dropOctets } from '../../drop.ts';
import type {
  Session,
  SessionPeer,
  SessionRequest,
  SessionResponse,
  SessionServer,
  SessionServerOptions,
  SessionUpgrade,
  SessionUser,
} from '../service.ts';
import { ServerPolling } from './server-polling.ts';
import { ServerSession } from './server-session.ts';
import { PacketLog, WebSocketTransport } from './transport.ts';

/** What is wrong with a request, in the codes of the Engine.IO server. */
const PROBLEM = {
  unknownTransport: [0, 'Transport unknown'],
  unknownSid: [1, 'Session ID unknown'],
  badMethod: [2, 'Bad handshake method'],
  badRequest: [3, 'Bad request'],
  unsupportedVersion: [5, 'Unsupported protocol version'],
} as const;

type Problem = (typeof PROBLEM)[keyof typeof PROBLEM];

const DEFAULT_MAX_PAYLOAD_BYTES = 1_000_000;

export class EngineServer implements SessionServer {
  readonly #context: Context;
  readonly #options: SessionServerOptions;
  readonly #accept: (session: Session, peer: SessionPeer) => SessionUser;
  readonly #random: Rng;
  readonly #sessions = new Map<string, ServerSession>();
  #count = 0;

  constructor(
    context: Context,
    options: SessionServerOptions,
    accept: (session: Session, peer: SessionPeer) => SessionUser,
  ) {
    this.#context = context;
    this.#options = options;
    this.#accept = accept;
    this.#random = context.random('engine-io/sid');
  }

  request(request: SessionRequest, respond: (response: SessionResponse) => void): () => void {
    const { method, query, content, peer } = request;
    const problem = this.#check(query, method, false);
    if (problem) {
      this.#refuse(content, problem);
      respond(problemResponse(problem));
      return () => {};
    }
    const known = this.#sessions.get(query.get('sid') ?? '');
    const polling = known ? known.polling : this.#handshake(peer);
    return polling?.onRequest(method, content, respond) ?? (() => {});
  }

  upgrade(query: ReadonlyMap<string, string>, peer: SessionPeer): SessionUpgrade | SessionResponse {
    const problem = this.#check(query, 'GET', true);
    if (problem) return problemResponse(problem);
    const known = this.#sessions.get(query.get('sid') ?? '');
    const log = known ? new PacketLog(this.#context, known.machine) : this.#log();
    const transport = new WebSocketTransport(log);
    return {
      user: transport,
      start: (dialogue) => {
        transport.start(dialogue);
        if (!known) this.#begin(log, transport, peer);
        else if (known.isOpen && !known.isUpgrading && !known.isUpgraded) known.offer(transport);
        else transport.close();
      },
    };
  }

  #check(query: ReadonlyMap<string, string>, method: string, isUpgrade: boolean): Problem | null {
    const transport = query.get('transport') ?? '';
    const sid = query.get('sid');
    if (!this.#options.transports.some((name) => name === transport)) return PROBLEM.unknownTransport;
    if (query.get('EIO') !== '4') return PROBLEM.unsupportedVersion;
    if (sid === undefined) {
      if (method !== 'GET') return PROBLEM.badMethod;
      return (transport === 'websocket') === isUpgrade ? null : PROBLEM.badRequest;
    }
    const session = this.#sessions.get(sid);
    if (!session) return PROBLEM.unknownSid;
    if (isUpgrade) return transport === 'websocket' ? null : PROBLEM.badRequest;
    return session.transport === transport ? null : PROBLEM.badRequest;
  }

  #handshake(peer: SessionPeer): ServerPolling {
    const log = this.#log();
    const polling = new ServerPolling(log, this.#options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES);
    this.#begin(log, polling, peer);
    return polling;
  }

  #begin(log: PacketLog, transport: ServerPolling | WebSocketTransport, peer: SessionPeer): void {
    const sid = this.#sid();
    const accept = (each: Session) => this.#accept(each, peer);
    const session = new ServerSession(log, sid, this.#options, transport, accept, () => this.#forget(sid));
    this.#sessions.set(sid, session);
    this.#tell(sid, session.transport, 'a client connects');
    session.begin();
  }

  #forget(sid: string): void {
    this.#sessions.delete(sid);
    this.#tell(sid, null, 'the session is over');
  }

  #log(): PacketLog {
    this.#count++;
    const { name } = this.#options;
    return new PacketLog(this.#context, `engine.${this.#count === 1 ? name : `${name}-${this.#count}`}`);
  }

  /** Fifteen octets in base64, `/` and `+` replaced for URLs. */
  #sid(): string {
    return Buffer.from(this.#random.bytes(15)).toString('base64url');
  }

  /** What a refused request wanted to say ends here: its session is over, or never was. */
  #refuse(bytes: Uint8Array, [, message]: Problem): void {
    if (bytes.length === 0) return;
    const detail = `the request is refused: ${message}`;
    dropOctets(this.#context, bytes, NOTHING, 5, 'engine-io', `engine.${this.#options.name}`, 'no-connection', detail);
  }

  #tell(key: string, transport: string | null, because: string): void {
    if (!this.#context.recording) return;
    const row = transport === null ? null : { transport };
    const change = { table: `engine.${this.#options.name}.sessions`, key, row, because };
    this.#context.record({ kind: 'table', layer: 5, protocol: 'engine-io', change });
  }
}

function problemResponse([code, message]: Problem): SessionResponse {
  const content = new TextEncoder().encode(JSON.stringify({ code, message }));
  return { status: 400, contentType: 'application/json', content, carries: [] };
}
