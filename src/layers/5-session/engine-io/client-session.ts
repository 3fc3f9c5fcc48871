import type { CutWatch } from '../../../kernel/cut-watch.ts';
import { type Nanos, NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Session, SessionCarrier, SessionEnd, SessionUser, TransportName } from '../service.ts';
import { ClientPolling } from './client-polling.ts';
import { decodeHandshake, type Handshake, type Packet } from './header.ts';
import { type OutPacket, type PacketLog, type Transport, type TransportUser, WebSocketTransport } from './transport.ts';

const MS = 1_000_000;
const PROBE = 'probe';

type State = 'opening' | 'open' | 'closing' | 'closed';

/** One session at the client (Engine.IO 4): begins on the first transport, changes to a WebSocket where it may. */
export class ClientSession implements Session, TransportUser {
  readonly machine: string;
  readonly #log: PacketLog;
  readonly #carrier: SessionCarrier;
  readonly #transports: readonly TransportName[];
  readonly #user: SessionUser;
  readonly #pingTimer: Timer;
  readonly #cut: CutWatch;
  #transport: Transport | null = null;
  /** Gives the WebSocket up that the session begins on. */
  #cancelOpening: (() => void) | null = null;
  #state: State = 'opening';
  #handshake: Handshake | null = null;
  #expiresNs: Nanos | null = null;
  #waiting: OutPacket[] = [];
  /** How many of those that wait are on their way; they leave the buffer when the transport has taken them. */
  #flying = 0;
  #isUpgrading = false;
  #stopProbe: ((why: string) => void) | null = null;

  constructor(log: PacketLog, carrier: SessionCarrier, transports: readonly TransportName[], user: SessionUser) {
    this.machine = log.machine;
    this.#log = log;
    this.#carrier = carrier;
    this.#transports = transports;
    this.#user = user;
    const { context, machine } = log;
    this.#pingTimer = context.timer(5, machine, 'ping', () =>
      this.#end('ping timeout', 'no ping came from the server'),
    );
    this.#cut = log.watchPower(() => this.#resting);
    log.changed('', 'none', 'opening', `connects over ${transports[0] ?? 'nothing'}`);
  }

  get id(): string {
    return this.#handshake?.sid ?? '';
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isWritable(): boolean {
    return this.#state === 'open' && (this.#transport?.isWritable ?? false);
  }

  get hasPingExpired(): boolean {
    return this.#expiresNs !== null && this.#log.context.nowNs > this.#expiresNs;
  }

  get transport(): TransportName {
    return this.#transport?.name ?? 'polling';
  }

  open(): void {
    if (this.#transports[0] === 'websocket') this.#openWebSocket();
    else {
      const polling = new ClientPolling(this.#log, this.#carrier, () => this.#query('polling'));
      polling.user = this;
      this.#transport = polling;
      polling.open();
    }
  }

  send(data: string | Uint8Array, carries: readonly number[] = NOTHING): void {
    const packet: OutPacket = { type: 'message', data, carries };
    if (this.#state === 'opening' || this.#state === 'open') this.#add(packet);
    else this.#log.dropped(packet, 'the session is not open');
  }

  close(): void {
    if (this.#state !== 'opening' && this.#state !== 'open') return;
    const wasOpening = this.#state === 'opening';
    this.#become('closing', 'the client closes');
    if (wasOpening || (this.#waiting.length === 0 && !this.#isUpgrading))
      this.#end('forced close', 'the client closed');
  }

  onPacket(packet: Packet): void {
    if (this.#state === 'closed') this.#log.late(packet);
    else if (packet.type === 'open') this.#onHandshake(packet.data);
    else if (packet.type === 'message') this.#user.onMessage(packet.data);
    else if (packet.type === 'ping') {
      this.#add({ type: 'pong', data: '', carries: NOTHING });
      this.#expectPing();
    }
  }

  onWritable(): void {
    this.#waiting.splice(0, this.#flying);
    this.#flying = 0;
    this.#measure();
    if (this.#waiting.length > 0) this.#flush();
    else if (this.#state === 'closing' && !this.#isUpgrading) this.#end('forced close', 'the client closed');
    else if (this.#state === 'open') this.#user.onDrain?.();
  }

  onGone(end: SessionEnd, detail: string): void {
    this.#end(end, detail);
  }

  #openWebSocket(): void {
    const transport = new WebSocketTransport(this.#log);
    transport.user = this;
    this.#transport = transport;
    this.#cancelOpening = this.#carrier.webSocket(this.#query('websocket'), {
      onOpen: (dialogue) => {
        this.#cancelOpening = null;
        transport.start(dialogue);
      },
      onFailure: (problem) => this.#end('transport error', problem),
      onMessage: (message, isText) => transport.onMessage(message, isText),
      onDrain: () => transport.onDrain(),
      onClose: (code) => transport.onClose(code),
    });
  }

  #onHandshake(data: string | Uint8Array): void {
    const handshake = this.#state === 'opening' && typeof data === 'string' ? decodeHandshake(data) : null;
    if (!handshake) {
      this.#end('transport error', 'the handshake makes no sense');
      return;
    }
    this.#handshake = handshake;
    this.#become('open', `the session is ${handshake.sid}`);
    this.#log.changed('.transport', 'none', this.transport, 'the session begins');
    this.#user.onOpen?.();
    this.#flush();
    if (!this.isOpen) return;
    const mayUpgrade = this.transport === 'polling' && this.#transports.includes('websocket');
    if (mayUpgrade && handshake.upgrades.includes('websocket')) this.#probe();
    this.#expectPing();
  }

  /** Asks over a WebSocket whether it works; then lets polling come to rest, and changes over ("Upgrade"). */
  #probe(): void {
    const transport = new WebSocketTransport(this.#log);
    let isOver = false;
    this.#log.changed('.upgrade', 'none', 'probing', 'the server offers a WebSocket');
    const fail = (why: string) => {
      if (isOver) return;
      isOver = true;
      this.#stopProbe = null;
      const wasUpgrading = this.#isUpgrading;
      this.#isUpgrading = false;
      this.#log.changed('.upgrade', 'probing', 'none', why);
      transport.user = null;
      cancel();
      transport.close();
      // Polling rests already and cannot be woken: without the WebSocket nothing carries the session.
      if (wasUpgrading && this.#state !== 'closed') this.#end('transport error', why);
    };
    this.#stopProbe = fail;
    transport.user = {
      onPacket: ({ type, data }) => {
        if (type !== 'pong' || data !== PROBE) fail(`a ${type} packet came in place of the pong`);
        else
          this.#changeTo(
            transport,
            () => !isOver,
            () => {
              isOver = true;
              this.#stopProbe = null;
            },
          );
      },
      onWritable: () => {},
      onGone: (_end, detail) => fail(detail),
    };
    const cancel = this.#carrier.webSocket(this.#query('websocket'), {
      onOpen: (dialogue) => {
        transport.start(dialogue);
        transport.send([{ type: 'ping', data: PROBE, carries: NOTHING }]);
      },
      onFailure: fail,
      onMessage: (message, isText) => transport.onMessage(message, isText),
      onDrain: () => transport.onDrain(),
      onClose: (code) => transport.onClose(code),
    });
  }

  #changeTo(transport: WebSocketTransport, isWanted: () => boolean, whenDone: () => void): void {
    const polling = this.#transport;
    if (!(polling instanceof ClientPolling) || this.#isUpgrading) return;
    this.#isUpgrading = true;
    polling.pause(() => {
      if (!isWanted() || this.#state === 'closed') return;
      whenDone();
      polling.user = null;
      this.#log.changed('.upgrade', 'probing', 'done', 'polling rests');
      this.#log.changed('.transport', 'polling', 'websocket', 'polling rests');
      this.#transport = transport;
      transport.user = this;
      this.#waiting.splice(0, this.#flying);
      this.#flying = 0;
      transport.send([{ type: 'upgrade', data: '', carries: NOTHING }]);
      this.#isUpgrading = false;
      this.#user.onUpgrade?.();
      this.#flush();
      if (this.#state === 'closing' && this.#waiting.length === 0) this.#end('forced close', 'the client closed');
    });
  }

  #add(packet: OutPacket): void {
    this.#waiting.push(packet);
    this.#measure();
    this.#flush();
  }

  #flush(): void {
    const isIdle = this.#flying === 0 && !this.#isUpgrading && this.#waiting.length > 0;
    if (this.#state === 'closed' || this.#state === 'opening' || !isIdle || !this.#transport?.isWritable) return;
    const packets = this.#writable();
    this.#flying = packets.length;
    this.#transport.send(packets);
  }

  /** As many as one request may hold: octets of each, and two more for each that follows. */
  #writable(): readonly OutPacket[] {
    const maxPayload = this.#handshake?.maxPayload ?? 0;
    if (maxPayload === 0 || this.transport !== 'polling') return [...this.#waiting];
    let bytes = 1;
    for (const [index, { data }] of this.#waiting.entries()) {
      const isText = typeof data === 'string';
      bytes += isText ? new TextEncoder().encode(data).length : Math.ceil((data.length * 4) / 3);
      if (index > 0 && bytes > maxPayload) return this.#waiting.slice(0, index);
      bytes += 2;
    }
    return [...this.#waiting];
  }

  /** Those on their way are the transport's; whether they arrive nobody here will know. */
  get #resting(): readonly OutPacket[] {
    return this.#waiting.slice(this.#flying);
  }

  #query(transport: TransportName): string {
    return `?EIO=4&transport=${transport}${this.#handshake ? `&sid=${this.#handshake.sid}` : ''}`;
  }

  /** The server pings; if none comes within both its times, it is gone. */
  #expectPing(): void {
    if (!this.#handshake || this.#state !== 'open') return;
    const delayNs = (this.#handshake.pingInterval + this.#handshake.pingTimeout) * MS;
    this.#expiresNs = this.#log.context.nowNs + delayNs;
    this.#pingTimer.set(delayNs);
  }

  #end(reason: SessionEnd, detail: string): void {
    if (this.#state === 'closed') return;
    this.#become('closed', `${reason}: ${detail}`);
    this.#pingTimer.clear();
    this.#cut.set(false);
    this.#expiresNs = null;
    this.#isUpgrading = false;
    this.#stopProbe?.('the session is over');
    this.#cancelOpening?.();
    if (this.#transport) this.#transport.user = null;
    this.#transport?.close();
    const waiting = this.#resting;
    this.#waiting = [];
    this.#flying = 0;
    this.#measure();
    for (const packet of waiting) this.#log.dropped(packet, 'it waited for a session that is over');
    this.#user.onClose(reason, detail);
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    this.#log.changed('', from, to, because);
  }

  #measure(): void {
    this.#log.measured('writeBuffer', this.#waiting.length);
  }
}
