/** Control packets over one transport connection, both ways, told to the journal. Of brokers and clients alike. */

import type { Context } from '../../../kernel/context.ts';
import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation, Ledger } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { encodePacket } from './encode.ts';
import type { Packet, Version } from './packet.ts';
import { PacketReader } from './packet-reader.ts';
import { MqttProblem } from './reason.ts';

/** Octets that may wait for the transport before nothing optional is added to them. */
const HIGH_WATER_BYTES = 65_536;
/** How long the other side may take to close after this side has. */
const LINGER_NS = 5_000_000_000;

export interface PacketUser {
  onPacket(packet: Packet, entry: number | null): void;
  /** The peer sent octets that are no packet, or no packet that may be. Nothing more is read. */
  onProblem(problem: MqttProblem): void;
  /** There is room for more packets. */
  onRoom(): void;
  /** The connection is over, whoever ended it and however. Called once. */
  onGone(reason: CloseReason): void;
}

export class PacketStream implements StreamUser {
  readonly stream: Stream;
  /** What this side writes, and how it reads what is not a CONNECT. */
  version: Version;
  /** The largest packet that the other side takes. */
  peerMaxPacketBytes = Number.POSITIVE_INFINITY;
  readonly #context: Context;
  readonly #ledger: Ledger;
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #reader: PacketReader;
  readonly #user: PacketUser;
  readonly #onOpen: () => void;
  readonly #linger: Timer;
  /** This side has said its last; what still comes is thrown away. */
  #isClosing = false;
  #hasEnded = false;
  #isReading = false;
  #isGone = false;

  /** `onOpen`: for the side that connects. `isUp`: for the side that accepted. */
  constructor(
    { context, ledger }: AppServices,
    stream: Stream,
    user: PacketUser,
    options: { readonly version: Version; readonly maxPacketBytes: number; readonly onOpen?: () => void },
  ) {
    this.#context = context;
    this.#ledger = ledger;
    this.stream = stream;
    this.version = options.version;
    this.#user = user;
    this.#onOpen = options.onOpen ?? (() => {});
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(context, stream, options.onOpen === undefined);
    this.#reader = new PacketReader(options.version, options.maxPacketBytes);
    this.#linger = context.timer(7, `mqtt.${stream.name}`, 'linger', () => this.abort());
  }

  get hasRoom(): boolean {
    return this.#outbox.waitingBytes < HIGH_WATER_BYTES;
  }

  /** False: it is larger than the other side takes, and was not sent. `carries`: entries of the message in it. */
  send(packet: Packet, carries: readonly number[] = NOTHING): boolean {
    if (this.#isGone || this.#isClosing) return true;
    const bytes = encodePacket(packet, this.version);
    if (bytes.length > this.peerMaxPacketBytes) return false;
    this.#outbox.write(this.#ledger.made('mqtt', this.stream.name, this.#conversation, bytes, carries));
    return true;
  }

  /**
   * Closes once everything is written. A close with unread octets would reset the connection, and the reset could
   * overtake the last packet, so this side ends, reads on, and closes when the other side has ended too.
   */
  close(): void {
    if (this.#isGone || this.#isClosing) return;
    this.#isClosing = true;
    this.#linger.set(LINGER_NS);
    this.#outbox.whenEmpty(() => (this.#hasEnded ? this.stream.close() : this.stream.end()));
    this.#discard();
  }

  /** Ends the connection with a reset, as one does that nobody answers on. */
  abort(): void {
    if (this.#isGone) return;
    this.stream.abort();
    this.onClose('aborted');
  }

  onOpen(): void {
    this.#outbox.up();
    this.#onOpen();
  }

  onReadable(): void {
    if (this.#isClosing) this.#discard();
    // What a packet does may let more be read before it returns.
    if (this.#isReading) return;
    this.#isReading = true;
    while (!this.#isClosing && !this.#isGone && this.#readOne());
    this.#isReading = false;
    if (this.#isClosing) this.#discard();
  }

  onDrain(): void {
    this.#outbox.drain();
    if (!this.hasRoom || this.#isGone) return;
    this.#user.onRoom();
    this.onReadable();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.onReadable();
    if (this.#isClosing) this.#outbox.whenEmpty(() => this.stream.close());
    else {
      this.#tellPartial('the connection ended inside a packet');
      this.stream.close();
      this.onClose('finished');
    }
  }

  onClose(reason: CloseReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#linger.clear();
    this.#outbox.abandon(this.#ledger, 'mqtt', reason);
    if (!this.#isClosing) this.#tellPartial('the connection ended inside a packet');
    this.#user.onGone(reason);
  }

  /** False when nothing more can be read now. */
  #readOne(): boolean {
    const one = this.#reader.next();
    if (one === null) {
      // Who sends and does not read the answers is held up by its own window.
      if (this.stream.readableBytes === 0 || !this.hasRoom) return false;
      this.#reader.push(this.stream.read());
      return true;
    }
    if (one instanceof MqttProblem) {
      this.#ledger.dropped('mqtt', this.stream.name, this.#reader.partial, 'malformed', one.why);
      this.#user.onProblem(one);
      return false;
    }
    const { packet, bytes } = one;
    if (packet.type === 'connect') this.version = packet.version;
    const was = this.#ledger.received('mqtt', this.stream.name, this.#conversation, bytes);
    this.#user.onPacket(packet, this.#context.recording ? this.#context.journal.cause : null);
    this.#context.resume(was);
    return true;
  }

  #discard(): void {
    while (!this.#isGone && this.stream.readableBytes > 0) {
      const rest = this.stream.read();
      this.#ledger.dropped('mqtt', this.stream.name, rest, 'closed', 'it came after the last packet');
    }
  }

  #tellPartial(detail: string): void {
    const { partial } = this.#reader;
    if (partial.length > 0) this.#ledger.dropped('mqtt', this.stream.name, partial, 'closed', detail);
  }
}

/** Opens a connection for control packets. */
export function connectPackets(
  services: AppServices,
  name: string,
  remote: Endpoint,
  user: PacketUser,
  options: { readonly version: Version; readonly maxPacketBytes: number; readonly onOpen: () => void },
): PacketStream {
  let packets: PacketStream | null = null;
  let diedAs: CloseReason | null = null;
  const listener: StreamUser = {
    onOpen: () => packets?.onOpen(),
    onReadable: () => packets?.onReadable(),
    onDrain: () => packets?.onDrain(),
    onEnd: () => packets?.onEnd(),
    onClose: (reason) => {
      if (packets) packets.onClose(reason);
      // It was over before it began: without a route nothing can be sent.
      else diedAs = reason;
    },
  };
  // A packet is not held back for the one before it: every one has somebody waiting for it.
  const stream = services.streams.connect(name, remote, listener, { noDelay: true });
  packets = new PacketStream(services, stream, user, options);
  const reason: CloseReason | null = diedAs;
  if (reason) services.context.after(0, () => packets?.onClose(reason));
  return packets;
}
