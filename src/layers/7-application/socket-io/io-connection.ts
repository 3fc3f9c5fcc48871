import type { Timer } from '../../../kernel/kernel.ts';
import type {
  Session,
  SessionCarrier,
  SessionEnd,
  SessionPeer,
  SessionService,
  SessionUser,
  TransportName,
} from '../../5-session/service.ts';
import { seconds } from '../wording.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { ClientSocket, SocketLink } from './client-socket.ts';
import type { EventLog } from './event-log.ts';
import type { Packet } from './header.ts';
import { PacketReader } from './packet-reader.ts';

const SECOND_NS = 1_000_000_000;
/** An attempt that has not come to a session by then is given up. */
const CONNECT_TIMEOUT_NS = 20 * SECOND_NS;

export interface ReconnectionOptions extends BackoffOptions {
  /** null: for ever. */
  readonly attempts: number | null;
}

export interface IoConnectionOptions {
  readonly transports: readonly TransportName[];
  /** null: it does not come back by itself. */
  readonly reconnection: ReconnectionOptions | null;
}

type State = 'closed' | 'opening' | 'open' | 'waiting';

/** A client's way to one server, shared by its namespaces: it opens sessions, and opens another when one has died. */
export class IoConnection implements SocketLink, SessionUser {
  readonly #log: EventLog;
  readonly #service: SessionService;
  readonly #carrier: SessionCarrier;
  readonly #options: IoConnectionOptions;
  readonly #sockets = new Map<string, ClientSocket>();
  readonly #backoff: Backoff;
  readonly #reader = new PacketReader();
  readonly #timeout: Timer;
  readonly #retry: Timer;
  readonly #machine: string;
  #state: State = 'closed';
  #session: Session | null = null;
  /** Between whom the session began: later requests may leave from another address, and it is one conversation. */
  #peer: SessionPeer;
  /** It was connected before, so this attempt is one to come back. */
  #isReconnecting = false;

  constructor(log: EventLog, service: SessionService, carrier: SessionCarrier, options: IoConnectionOptions) {
    this.#log = log;
    this.#service = service;
    this.#carrier = carrier;
    this.#peer = carrier.peer;
    this.#options = options;
    this.#machine = `io.${log.name}.connection`;
    const { context } = log.services;
    const backoff = options.reconnection ?? { delayNs: SECOND_NS, maxNs: SECOND_NS, jitterPerMillion: 0 };
    this.#backoff = new Backoff(backoff, context.random(`socket-io/${log.name}/backoff`));
    this.#timeout = context.timer(7, this.#machine, 'connect', () => this.#giveUp('timeout'));
    this.#retry = context.timer(7, this.#machine, 'reconnect', () => this.#attempt());
  }

  get isWritable(): boolean {
    return this.#session?.isWritable ?? false;
  }

  get hasPingExpired(): boolean {
    return this.#session?.hasPingExpired ?? false;
  }

  /** Whether a socket of that namespace could join it. */
  hasRoomFor(namespace: string): boolean {
    return !this.#sockets.has(namespace);
  }

  add(socket: ClientSocket): void {
    this.#sockets.set(socket.namespace, socket);
    if (this.#state === 'open') socket.onOpen();
    else if (this.#state === 'closed') this.#open();
  }

  release(socket: ClientSocket): void {
    if (this.#sockets.get(socket.namespace) === socket) this.#sockets.delete(socket.namespace);
    socket.abandon('the socket was closed');
    if (this.#sockets.size > 0) return;
    this.#retry.clear();
    this.#timeout.clear();
    this.#backoff.reset();
    this.#isReconnecting = false;
    const session = this.#session;
    this.#session = null;
    this.#become('closed', 'no socket needs it any more');
    session?.close();
  }

  send(packet: Packet): void {
    if (this.#session) this.#log.send(this.#session, this.#peer, packet);
  }

  onOpen(): void {
    this.#peer = this.#carrier.peer;
    this.#timeout.clear();
    this.#become('open', 'a session is open');
    if (this.#isReconnecting) this.#log.told(`reconnected at attempt ${this.#backoff.attempts}`);
    this.#isReconnecting = false;
    this.#backoff.reset();
    this.#log.measured(this.#machine, 'attempt', 0);
    for (const socket of [...this.#sockets.values()]) socket.onOpen();
  }

  onMessage(message: string | Uint8Array): void {
    const session = this.#session;
    if (!session) return;
    const { context } = this.#log.services;
    const was = this.#log.received(session, this.#peer, message);
    const packet = this.#reader.push(message);
    if (packet && 'malformed' in packet) this.#onGarbage(packet.malformed);
    else if (packet) this.#sockets.get(packet.namespace)?.onPacket(packet);
    context.resume(was);
  }

  onClose(reason: SessionEnd, detail: string): void {
    if (!this.#session) return;
    this.#session = null;
    if (this.#state === 'opening') this.#giveUp(detail);
    else this.#lost(reason);
  }

  #open(): void {
    this.#become('opening', 'a session is asked for');
    this.#reader.forget();
    this.#timeout.set(CONNECT_TIMEOUT_NS);
    this.#session = this.#service.connect(this.#log.name, this.#carrier, this.#options.transports, this);
  }

  #onGarbage(why: string): void {
    this.#log.told(`what the server sends is no packet: ${why}`);
    const session = this.#session;
    this.#session = null;
    session?.close();
    this.#lost('parse error');
  }

  #lost(reason: string): void {
    this.#reader.forget();
    this.#become('closed', reason);
    this.#backoff.reset();
    for (const socket of [...this.#sockets.values()]) socket.onClose(reason);
    this.#wait();
  }

  /** An attempt failed. */
  #giveUp(why: string): void {
    this.#timeout.clear();
    const session = this.#session;
    this.#session = null;
    session?.close();
    this.#become('closed', why);
    this.#log.told(`cannot connect: ${why}`);
    this.#wait();
  }

  #wait(): void {
    const { reconnection } = this.#options;
    if (!reconnection || this.#sockets.size === 0 || this.#state !== 'closed') return;
    if (reconnection.attempts !== null && this.#backoff.attempts >= reconnection.attempts) {
      this.#log.told(`gives up after ${this.#backoff.attempts} attempts`);
      this.#backoff.reset();
      for (const socket of this.#sockets.values()) socket.abandon('no more attempts to connect are made');
      return;
    }
    const delayNs = this.#backoff.nextNs();
    this.#isReconnecting = true;
    this.#become('waiting', `the next attempt comes after ${seconds(delayNs)} s`);
    this.#retry.set(delayNs);
  }

  #attempt(): void {
    this.#log.measured(this.#machine, 'attempt', this.#backoff.attempts);
    this.#log.told(`attempt ${this.#backoff.attempts} to connect again`);
    this.#open();
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    this.#log.changed(this.#machine, from, to, because);
  }
}
