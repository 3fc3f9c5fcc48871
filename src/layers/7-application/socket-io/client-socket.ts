import { CutWatch } from '../../../kernel/cut-watch.ts';
import { WAITED_IN_MEMORY } from '../../drop.ts';
import { type EventLog, eventName, eventText } from './event-log.ts';
import type { Json, Packet } from './header.ts';

export interface EmitOptions {
  readonly event: string;
  readonly args: readonly Json[];
  /** Asks for an acknowledgement. */
  readonly ack: boolean;
  /** Not worth keeping: dropped where the transport does not take it now. */
  readonly volatile: boolean;
}

export interface SocketOptions {
  readonly namespace: string;
  /** How often an event is sent again that was not acknowledged; 0: events are sent once, and may be lost. */
  readonly retries: number;
  /** null: it waits for an acknowledgement for ever. */
  readonly ackTimeoutNs: number | null;
}

/** What a socket goes over, which may be shared by several namespaces. */
export interface SocketLink {
  readonly isWritable: boolean;
  readonly hasPingExpired: boolean;
  send(packet: Packet): void;
  /** The socket needs it no more. */
  release(socket: ClientSocket): void;
}

/** A packet that waits for the connection, and the entry that says that it was emitted. */
interface Buffered {
  readonly packet: Packet;
  readonly emission: number | null;
  /** Its row in the table of what waits. */
  readonly key: string;
}

type State = 'connecting' | 'connected' | 'disconnected';

/** An event that is sent again until it is acknowledged. One at a time, so that their order is kept. */
interface Queued {
  readonly options: EmitOptions;
  tries: number;
  isPending: boolean;
}

interface Awaited {
  readonly answered: (args: readonly Json[]) => void;
  readonly failed: (why: string) => void;
  readonly cancelTimer: () => void;
}

/**
 * One namespace of a client (Socket.IO 5, as its 4.x library behaves): what is emitted while it is not connected waits
 * and is sent when it is again; what was sent and did not arrive is lost, unless retries are asked for.
 */
export class ClientSocket {
  readonly machine: string;
  readonly #log: EventLog;
  readonly #link: SocketLink;
  readonly #options: SocketOptions;
  #state: State = 'connecting';
  #ids = 0;
  #sendBuffer: Buffered[] = [];
  #bufferedCount = 0;
  #receiveBuffer: Packet[] = [];
  readonly #queue: Queued[] = [];
  readonly #acks = new Map<number, Awaited>();
  /** The private id and the last offset, by which the server knows what was missed. */
  #privateId: string | null = null;
  #offset: string | null = null;
  #isOver = false;

  constructor(log: EventLog, link: SocketLink, options: SocketOptions) {
    this.machine = `io.${log.name}`;
    this.#log = log;
    this.#link = link;
    this.#options = options;
    new CutWatch(log.services.context, () => this.#onCut()).set(true);
    log.changed(this.machine, 'none', 'connecting', `to the namespace ${options.namespace}`);
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** True after it was ended on purpose, by either side: it will not connect again. */
  get isOver(): boolean {
    return this.#isOver;
  }

  emit(options: EmitOptions): void {
    if (this.#options.retries > 0 && !options.volatile) {
      this.#queue.push({ options, tries: 0, isPending: false });
      this.#log.measured(this.machine, 'queue', this.#queue.length);
      this.#drainQueue(false);
    } else {
      this.#emit(options, {
        answered: (args) => this.#log.told(`${options.event} was acknowledged${argsText(args)}`),
        failed: (why) => this.#log.told(`${options.event} was not acknowledged: ${why}`),
      });
    }
  }

  disconnect(): void {
    if (this.#isOver) return;
    if (this.isConnected) this.#send({ type: 'DISCONNECT', namespace: this.namespace, id: null, data: undefined });
    this.#isOver = true;
    if (this.isConnected) this.onClose('io client disconnect');
    this.#link.release(this);
  }

  /** The session is open: asks for the namespace, and for what was missed since. */
  onOpen(): void {
    if (this.#isOver) return;
    const data =
      this.#privateId === null
        ? undefined
        : { pid: this.#privateId, ...(this.#offset === null ? {} : { offset: this.#offset }) };
    this.#become('connecting', 'the session is open');
    this.#send({ type: 'CONNECT', namespace: this.namespace, id: null, data });
  }

  /** The session is over, or the namespace was left. */
  onClose(reason: string): void {
    if (this.#state === 'disconnected') return;
    const wasConnected = this.isConnected;
    this.#become('disconnected', reason);
    if (!wasConnected) return;
    this.#log.told(`disconnected: ${reason}`);
    this.#failAcks();
  }

  onPacket(packet: Packet): void {
    const { type } = packet;
    if (type === 'CONNECT') this.#onConnect(packet.data);
    else if (type === 'ACK') this.#onAck(packet);
    else if (type === 'EVENT') {
      if (this.isConnected) this.#onEvent(packet);
      else this.#receiveBuffer.push(packet);
    } else this.#onEnded(packet);
  }

  /** No more will come of it: what still waits is dropped, each with its reason. */
  abandon(why: string): void {
    for (const { packet } of this.#takeBuffered(() => true, why)) this.#log.dropped(packet, 'closed', why);
  }

  /** The server ends it, or refuses from the first; either way it does not come back. */
  #onEnded({ type, data }: Packet): void {
    this.#isOver = true;
    if (type === 'DISCONNECT') this.onClose('io server disconnect');
    else {
      this.#become('disconnected', 'the server refuses');
      this.#log.told(`cannot connect to ${this.namespace}: ${messageOf(data)}`);
    }
    this.#link.release(this);
  }

  #onConnect(data: Json | undefined): void {
    const { sid, pid } = (typeof data === 'object' && data !== null ? data : {}) as { readonly [name: string]: Json };
    if (typeof sid !== 'string') {
      this.#log.told('the server speaks an older Socket.IO');
      return;
    }
    const isRecovered = typeof pid === 'string' && pid === this.#privateId;
    this.#privateId = typeof pid === 'string' ? pid : null;
    this.#become('connected', isRecovered ? 'the server remembers this client' : 'the server accepts');
    this.#log.measured(this.machine, 'recovered', isRecovered ? 1 : 0);
    const buffered = this.#sendBuffer.length;
    const waited = buffered === 0 ? '' : `; ${buffered === 1 ? '1 event' : `${buffered} events`} that waited go out`;
    this.#log.told(`connected to ${this.namespace}${isRecovered ? ', recovered' : ''}${waited}`);
    const received = this.#receiveBuffer;
    this.#receiveBuffer = [];
    for (const packet of received) this.#onEvent(packet);
    for (const { packet, emission } of this.#takeBuffered(() => true, 'it goes out')) {
      this.#log.because(emission, () => this.#send(packet));
    }
    this.#drainQueue(true);
  }

  #onEvent(packet: Packet): void {
    const [, ...args] = packet.data as readonly Json[];
    const name = eventName(packet);
    const last = args.at(-1);
    if (this.#privateId !== null && typeof last === 'string') {
      this.#offset = last;
      args.pop();
    }
    this.#log.count('received', name);
    this.#log.told(`received ${eventText(name, args)}`);
    if (packet.id !== null) this.#send({ type: 'ACK', namespace: this.namespace, id: packet.id, data: [] });
  }

  #onAck({ id, data }: Packet): void {
    const awaited = id === null ? undefined : this.#acks.get(id);
    if (id === null || !awaited) {
      this.#log.told('an acknowledgement came that nobody waits for');
      return;
    }
    this.#acks.delete(id);
    awaited.cancelTimer();
    awaited.answered(data as readonly Json[]);
  }

  #emit(options: EmitOptions, outcome: Pick<Awaited, 'answered' | 'failed'>): void {
    const { event, args } = options;
    if (options.volatile && !this.#link.isWritable) {
      this.#log.dropped(this.#eventOf(event, args, null), 'volatile', 'the transport does not take it now');
      this.#log.told(`drops ${eventText(event, args)}: volatile, and the transport does not take it now`);
      return;
    }
    const id = options.ack ? this.#await(outcome) : null;
    const packet = this.#eventOf(event, args, id);
    if (this.isConnected && !this.#link.hasPingExpired) {
      const emission = this.#log.told(`emits ${eventText(event, args)}`);
      this.#log.because(emission, () => this.#send(packet));
    } else {
      const emission = this.#log.told(`emits ${eventText(event, args)}: it waits for the connection`);
      this.#buffer(packet, emission);
    }
  }

  #await(outcome: Pick<Awaited, 'answered' | 'failed'>): number {
    const id = this.#ids++;
    const { ackTimeoutNs } = this.#options;
    const { context } = this.#log.services;
    const onTimeout = () => {
      this.#acks.delete(id);
      const why = 'its acknowledgement was not waited for any longer';
      for (const { packet } of this.#takeBuffered(({ packet: each }) => each.id === id, why)) {
        this.#log.dropped(packet, 'timed-out', why);
      }
      outcome.failed('operation has timed out');
    };
    const cancelTimer = ackTimeoutNs === null ? () => {} : context.after(ackTimeoutNs, onTimeout);
    this.#acks.set(id, { ...outcome, cancelTimer });
    return id;
  }

  /** Of what was sent no acknowledgement can come any more; what still waits keeps its hope. */
  #failAcks(): void {
    const buffered = new Set(this.#sendBuffer.map(({ packet }) => packet.id));
    for (const [id, awaited] of [...this.#acks]) {
      if (buffered.has(id)) continue;
      this.#acks.delete(id);
      awaited.cancelTimer();
      awaited.failed('socket has been disconnected');
    }
  }

  /** Sends the first of the queue, and no other before it was acknowledged or given up. `force`: after a reconnection. */
  #drainQueue(force: boolean): void {
    const [first] = this.#queue;
    if (!this.isConnected || !first || (first.isPending && !force)) return;
    first.isPending = true;
    first.tries++;
    const { event } = first.options;
    this.#emit(
      { ...first.options, ack: true },
      {
        answered: (args) => {
          if (this.#queue[0] !== first) return;
          this.#log.told(
            `${event} was acknowledged${argsText(args)}${first.tries > 1 ? ` after ${first.tries} tries` : ''}`,
          );
          this.#next();
        },
        failed: (why) => {
          if (this.#queue[0] !== first) return;
          first.isPending = false;
          if (first.tries <= this.#options.retries) {
            this.#drainQueue(false);
            return;
          }
          this.#log.told(`${event} was not acknowledged in ${first.tries} tries: ${why}`);
          this.#log.dropped(this.#eventOf(event, first.options.args, null), 'timed-out', why);
          this.#next();
        },
      },
    );
  }

  #next(): void {
    this.#queue.shift();
    this.#log.measured(this.machine, 'queue', this.#queue.length);
    this.#drainQueue(false);
  }

  #send(packet: Packet): void {
    this.#link.send(packet);
  }

  #buffer(packet: Packet, emission: number | null): void {
    const key = String(++this.#bufferedCount);
    this.#sendBuffer.push({ packet, emission, key });
    this.#log.tabled(`${this.machine}.sendBuffer`, key, { event: eventName(packet) }, 'it waits for the connection');
    this.#log.measured(this.machine, 'sendBuffer', this.#sendBuffer.length);
  }

  #takeBuffered(isTaken: (each: Buffered) => boolean, because: string): readonly Buffered[] {
    const taken = this.#sendBuffer.filter(isTaken);
    this.#sendBuffer = this.#sendBuffer.filter((each) => !isTaken(each));
    for (const { key } of taken) this.#log.tabled(`${this.machine}.sendBuffer`, key, null, because);
    this.#log.measured(this.machine, 'sendBuffer', this.#sendBuffer.length);
    return taken;
  }

  /** What would have gone out later ends with the node's power. Of what is on its way nobody here will know. */
  #onCut(): void {
    const queued = this.#queue.filter(({ isPending }) => !isPending);
    const packets = [
      ...this.#sendBuffer.map(({ packet }) => packet),
      ...queued.map(({ options: { event, args } }) => this.#eventOf(event, args, null)),
    ];
    for (const packet of packets) this.#log.dropped(packet, 'crashed', WAITED_IN_MEMORY);
  }

  #eventOf(event: string, args: readonly Json[], id: number | null): Packet {
    return { type: 'EVENT', namespace: this.namespace, id, data: [event, ...args] };
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    this.#log.changed(this.machine, from, to, because);
  }
}

function argsText(args: readonly Json[]): string {
  return args.length === 0 ? '' : `: ${eventText('', args).trim()}`;
}

function messageOf(data: Json | undefined): string {
  const { message } = (typeof data === 'object' && data !== null ? data : {}) as { readonly [name: string]: Json };
  return typeof message === 'string' ? message : 'the server does not say why';
}
