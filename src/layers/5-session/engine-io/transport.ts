import type { Context } from '../../../kernel/context.ts';
import { CutWatch } from '../../../kernel/cut-watch.ts';
import { type DropReason, NOTHING } from '../../../kernel/journal.ts';
import { dropOctets, WAITED_IN_MEMORY } from '../../drop.ts';
import type { SessionEnd, TransportName, WebSocketDialogue, WebSocketUser } from '../service.ts';
import { decodePacket, type Packet, packetBytes } from './header.ts';

/** A packet on its way out. */
export interface OutPacket extends Packet {
  /** Entries of what lies inside. */
  readonly carries: readonly number[];
}

/** What carries a session's packets at a time. */
export interface Transport {
  readonly name: TransportName;
  readonly isWritable: boolean;
  /** Who hears it; a session hands it over when it changes its transport. */
  user: TransportUser | null;
  send(packets: readonly OutPacket[]): void;
  close(): void;
}

export interface TransportUser {
  onPacket(packet: Packet): void;
  /** It can send again. */
  onWritable(): void;
  /** It carries nothing any more. */
  onGone(end: SessionEnd, detail: string): void;
}

/** Tells the journal of packets. */
export class PacketLog {
  readonly context: Context;
  readonly machine: string;

  constructor(context: Context, machine: string) {
    this.context = context;
    this.machine = machine;
  }

  /** Its entry, for what carries it; empty without a journal. */
  sent(packet: OutPacket): readonly number[] {
    if (!this.context.recording) return NOTHING;
    const { machine: via } = this;
    const { carries } = packet;
    const bytes = packetBytes(packet);
    return [this.context.record({ kind: 'encoded', layer: 5, protocol: 'engine-io', bytes, carries, via })];
  }

  /** It becomes the cause of what follows. Returns the cause until now. */
  received(packet: Packet): number | null {
    if (!this.context.recording) return null;
    const { machine: via } = this;
    const bytes = packetBytes(packet);
    const entry = { kind: 'decoded', layer: 5, protocol: 'engine-io', bytes, carries: NOTHING, via } as const;
    return this.context.because(this.context.record(entry));
  }

  /** `name`: of a machine within the session's. */
  changed(name: string, from: string, to: string, because: string): void {
    if (!this.context.recording || from === to) return;
    const machine = `${this.machine}${name}`;
    this.context.record({ kind: 'state', layer: 5, protocol: 'engine-io', machine, from, to, because });
  }

  measured(name: string, value: number): void {
    if (!this.context.recording) return;
    const { machine } = this;
    this.context.record({ kind: 'metric', layer: 5, protocol: 'engine-io', machine, name, value });
  }

  /** A packet came, and nobody takes it any more: a message ends with that. */
  late(packet: Packet): void {
    if (packet.type === 'message') this.dropped({ ...packet, carries: NOTHING }, 'it came when the session was over');
  }

  dropped(packet: OutPacket, detail: string, reason: DropReason = 'closed'): void {
    if (!this.context.recording) return;
    dropOctets(this.context, packetBytes(packet), packet.carries, 5, 'engine-io', this.machine, reason, detail);
  }

  /** Tells what waits when the node loses its power, until it is stopped. */
  watchPower(waiting: () => readonly OutPacket[]): CutWatch {
    const watch = new CutWatch(this.context, () => {
      for (const packet of waiting()) this.dropped(packet, WAITED_IN_MEMORY, 'crashed');
    });
    watch.set(true);
    return watch;
  }
}

/** Packets as WebSocket messages, one each; the same at both ends. */
export class WebSocketTransport implements Transport, WebSocketUser {
  readonly name = 'websocket';
  user: TransportUser | null = null;
  readonly #log: PacketLog;
  #dialogue: WebSocketDialogue | null = null;
  #isWritable = false;
  #isGone = false;

  constructor(log: PacketLog) {
    this.#log = log;
  }

  get isWritable(): boolean {
    return this.#isWritable && !this.#isGone;
  }

  start(dialogue: WebSocketDialogue): void {
    this.#dialogue = dialogue;
    this.#isWritable = true;
  }

  /** It can send again when the packets have gone, and no sooner than in the next turn, as in Node. */
  send(packets: readonly OutPacket[]): void {
    const { context } = this.#log;
    this.#isWritable = false;
    let hasRoom = true;
    for (const packet of packets) {
      const carries = this.#log.sent(packet);
      const isText = typeof packet.data === 'string';
      hasRoom = this.#dialogue?.send(packetBytes(packet), isText, carries) ?? false;
    }
    if (hasRoom) context.after(0, () => this.#becomeWritable());
  }

  close(): void {
    this.#dialogue?.close(null, new Uint8Array(0));
  }

  onMessage(message: Uint8Array, isText: boolean): void {
    const packet = isText
      ? decodePacket(new TextDecoder().decode(message))
      : ({ type: 'message', data: message } as const);
    if ('malformed' in packet) {
      this.user?.onGone('parse error', packet.malformed);
      this.#dialogue?.close(null, new Uint8Array(0));
      return;
    }
    const was = this.#log.received(packet);
    if (this.user) this.user.onPacket(packet);
    else this.#log.late(packet);
    this.#log.context.resume(was);
  }

  onDrain(): void {
    this.#becomeWritable();
  }

  onClose(code: number): void {
    this.#isGone = true;
    this.user?.onGone('transport close', `the WebSocket is closed: ${code}`);
  }

  #becomeWritable(): void {
    if (this.#isGone || this.#isWritable) return;
    this.#isWritable = true;
    this.user?.onWritable();
  }
}
