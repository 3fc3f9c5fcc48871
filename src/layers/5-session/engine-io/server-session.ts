import type { CutWatch } from '../../../kernel/cut-watch.ts';
import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Session, SessionEnd, SessionServerOptions, SessionUser, TransportName } from '../service.ts';
import { encodeHandshake, type Packet } from './header.ts';
import { ServerPolling } from './server-polling.ts';
import type { OutPacket, PacketLog, Transport, TransportUser, WebSocketTransport } from './transport.ts';

const MS = 1_000_000;
/** A client that opened a WebSocket must have changed over to it by then. */
const UPGRADE_TIMEOUT_NS = 10_000 * MS;
/** While it changes over, a poll that waits is answered this often, for the client cannot leave it open. */
const NOOP_INTERVAL_NS = 100 * MS;

type State = 'open' | 'closing' | 'closed';

/** One session at the server (Engine.IO 4, "Protocol"): the heartbeat goes from here to the client. */
export class ServerSession implements Session, TransportUser {
  readonly machine: string;
  readonly id: string;
  readonly #log: PacketLog;
  readonly #options: SessionServerOptions;
  readonly #user: SessionUser;
  readonly #whenClosed: () => void;
  readonly #pingTimer: Timer;
  readonly #pongTimer: Timer;
  readonly #cut: CutWatch;
  #transport: Transport;
  #state: State = 'open';
  #waiting: OutPacket[] = [];
  #hasRefreshedPong = false;
  #upgrade: { readonly transport: WebSocketTransport; readonly stop: () => void } | null = null;
  #isUpgraded = false;

  constructor(
    log: PacketLog,
    id: string,
    options: SessionServerOptions,
    transport: Transport,
    accept: (session: Session) => SessionUser,
    whenClosed: () => void,
  ) {
    this.machine = log.machine;
    this.id = id;
    this.#log = log;
    this.#options = options;
    this.#transport = transport;
    this.#whenClosed = whenClosed;
    const { context, machine } = log;
    this.#pingTimer = context.timer(5, machine, 'ping', () => this.#onPingDue());
    this.#pongTimer = context.timer(5, machine, 'pong', () => this.#end('ping timeout', 'no pong came'));
    this.#cut = log.watchPower(() => this.#waiting);
    log.changed('', 'none', 'open', `a client connects over ${transport.name}`);
    log.changed('.transport', 'none', transport.name, 'the session begins');
    transport.user = this;
    this.#user = accept(this);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isWritable(): boolean {
    return this.#state === 'open' && this.#transport.isWritable;
  }

  /** The heartbeat is the server's own: it is the client's that may be late. */
  get hasPingExpired(): boolean {
    return false;
  }

  get transport(): TransportName {
    return this.#transport.name;
  }

  /** A WebSocket wants to take this session over, or has done so. */
  get isUpgrading(): boolean {
    return this.#upgrade !== null;
  }

  get isUpgraded(): boolean {
    return this.#isUpgraded;
  }

  /** The transport that requests go to; null once the session is not on polling any more. */
  get polling(): ServerPolling | null {
    return this.#transport instanceof ServerPolling ? this.#transport : null;
  }

  begin(): void {
    const { pingIntervalNs, pingTimeoutNs, transports, maxPayloadBytes = 1_000_000 } = this.#options;
    const mayUpgrade = this.#transport.name === 'polling' && transports.includes('websocket');
    const handshake = {
      sid: this.id,
      upgrades: mayUpgrade ? ['websocket'] : [],
      pingInterval: Math.round(pingIntervalNs / MS),
      pingTimeout: Math.round(pingTimeoutNs / MS),
      maxPayload: maxPayloadBytes,
    };
    this.#add({ type: 'open', data: encodeHandshake(handshake), carries: NOTHING });
    this.#user.onOpen?.();
    this.#pingTimer.set(pingIntervalNs);
  }

  send(data: string | Uint8Array, carries: readonly number[] = NOTHING): void {
    const packet: OutPacket = { type: 'message', data, carries };
    if (this.#state === 'open') this.#add(packet);
    else this.#log.dropped(packet, 'the session is not open');
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#become('closing', 'the server closes');
    if (this.#waiting.length === 0) this.#closeTransport();
  }

  onPacket(packet: Packet): void {
    if (this.#state !== 'open') {
      this.#log.late(packet);
      return;
    }
    // Any sign of life puts the end off, but only once: a client must not live on packets of its own alone.
    if (this.#pongTimer.isSet && !this.#hasRefreshedPong && packet.type !== 'pong') {
      this.#hasRefreshedPong = true;
      this.#pongTimer.set(this.#options.pingTimeoutNs);
    }
    if (packet.type === 'message') this.#user.onMessage(packet.data);
    else if (packet.type === 'ping') this.#end('transport error', 'a ping came from the client: wrong direction');
    else if (packet.type === 'pong') {
      this.#pongTimer.clear();
      this.#pingTimer.set(this.#options.pingIntervalNs);
    }
  }

  onWritable(): void {
    this.#flush();
    if (this.#state === 'open' && this.#waiting.length === 0) this.#user.onDrain?.();
  }

  onGone(end: SessionEnd, detail: string): void {
    this.#end(this.#state === 'closing' ? 'forced close' : end, detail);
  }

  /** A WebSocket is open that could carry this session: it does once its client has shown that it works. */
  offer(transport: WebSocketTransport): void {
    const { context } = this.#log;
    this.#log.changed('.upgrade', 'none', 'offered', 'a WebSocket is open');
    let noop = () => {};
    const cancelTimeout = context.after(UPGRADE_TIMEOUT_NS, () => giveUp('the client did not change over in time'));
    const stop = () => {
      this.#upgrade = null;
      cancelTimeout();
      noop();
    };
    const giveUp = (why: string) => {
      if (this.#upgrade?.transport !== transport) return;
      stop();
      this.#log.changed('.upgrade', 'offered', 'none', why);
      transport.user = null;
      transport.close();
    };
    const check = () => {
      if (this.#transport.name === 'polling' && this.#transport.isWritable) {
        this.#transport.send([{ type: 'noop', data: '', carries: NOTHING }]);
      }
      noop = context.after(NOOP_INTERVAL_NS, check);
    };
    this.#upgrade = { transport, stop };
    transport.user = {
      onPacket: ({ type, data }) => {
        if (type === 'ping' && data === 'probe') {
          transport.send([{ type: 'pong', data: 'probe', carries: NOTHING }]);
          noop();
          noop = context.after(NOOP_INTERVAL_NS, check);
        } else if (type === 'upgrade' && this.#state !== 'closed') {
          stop();
          this.#changeTo(transport);
        } else giveUp(`a ${type} packet came in place of the probe`);
      },
      onWritable: () => {},
      onGone: (_end, detail) => giveUp(detail),
    };
  }

  #changeTo(transport: WebSocketTransport): void {
    const { polling } = this;
    this.#isUpgraded = true;
    this.#log.changed('.upgrade', 'offered', 'done', 'the client changed over');
    this.#log.changed('.transport', this.#transport.name, transport.name, 'the client changed over');
    this.#transport.user = null;
    polling?.discard();
    // Whoever was asked on the old transport answers on the new one; a ping that is still unanswered is asked no more.
    this.#pongTimer.clear();
    if (!this.#pingTimer.isSet) this.#pingTimer.set(this.#options.pingIntervalNs);
    this.#transport = transport;
    transport.user = this;
    this.#user.onUpgrade?.();
    this.#flush();
    if (this.#state === 'closing') this.#closeTransport();
  }

  #onPingDue(): void {
    this.#hasRefreshedPong = false;
    this.#add({ type: 'ping', data: '', carries: NOTHING });
    this.#pongTimer.set(this.#options.pingTimeoutNs);
  }

  #add(packet: OutPacket): void {
    this.#waiting.push(packet);
    this.#flush();
  }

  #flush(): void {
    if (this.#state === 'closed' || !this.#transport.isWritable || this.#waiting.length === 0) return;
    const packets = this.#waiting;
    this.#waiting = [];
    this.#transport.send(packets);
    if (this.#state === 'closing') this.#closeTransport();
  }

  #closeTransport(): void {
    this.#transport.close();
    // The client need not agree: the session is over when its transport has been told.
    if (this.#transport.name === 'websocket') this.#end('forced close', 'the server closed');
  }

  #end(reason: SessionEnd, detail: string): void {
    if (this.#state === 'closed') return;
    this.#become('closed', `${reason}: ${detail}`);
    this.#pingTimer.clear();
    this.#pongTimer.clear();
    this.#cut.set(false);
    this.#transport.user = null;
    this.#transport.close();
    const { transport = null, stop } = this.#upgrade ?? {};
    stop?.();
    transport?.close();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const packet of waiting) this.#log.dropped(packet, 'it waited for a session that is over');
    this.#whenClosed();
    this.#user.onClose(reason, detail);
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    this.#log.changed('', from, to, because);
  }
}
