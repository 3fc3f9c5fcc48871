/**
 * Messages with limits of their own over one transport connection, both ways, told to the journal: MQTT's packets and
 * AMQP's frames, at either end.
 */

import type { Context } from '../../kernel/context.ts';
import { NOTHING } from '../../kernel/journal.ts';
import type { Timer } from '../../kernel/kernel.ts';
import { allJoined } from '../../wire/octets.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../4-transport/service.ts';
import type { AppServices } from './app-services.ts';
import type { Conversation, Ledger } from './ledger.ts';
import { Outbox } from './outbox.ts';

/** Octets that may wait for the transport before nothing optional is added to them, and nothing more is read. */
const HIGH_WATER_BYTES = 65_536;
/** How long the other side may take to close after this side has. */
const LINGER_NS = 5_000_000_000;

/** What is wrong with octets; each protocol has codes of its own. */
export interface Problem {
  /** The end of a sentence. */
  readonly why: string;
}

/** Finds messages in octets. */
export interface Framing<T, P extends Problem> {
  /** Octets of a message that is not whole yet, or of what comes after one that is malformed. */
  readonly partial: Uint8Array;
  push(bytes: Uint8Array): void;
  /** The next message and all its octets; null: more are needed. After a problem nothing follows. */
  next(): { readonly value: T; readonly bytes: Uint8Array } | P | null;
}

export interface FramedUser<T, P extends Problem> {
  /** `entry`: the journal's, null without one. */
  onMessage(message: T, entry: number | null): void;
  /** The peer sent octets that are no message. Nothing more is read. */
  onProblem(problem: P): void;
  /** There is room for more messages. */
  onRoom(): void;
  /** The connection is over, whoever ended it and however. Called once. */
  onGone(reason: CloseReason): void;
}

export class FramedStream<T, P extends Problem> implements StreamUser {
  readonly stream: Stream;
  readonly #context: Context;
  readonly #ledger: Ledger;
  readonly #protocol: string;
  readonly #outbox: Outbox;
  readonly #framing: Framing<T, P>;
  readonly #user: FramedUser<T, P>;
  readonly #onOpen: (() => void) | null;
  readonly #linger: Timer;
  /** This side has said its last; what still comes is thrown away. */
  #isClosing = false;
  #hasEnded = false;
  #isReading = false;
  #isGone = false;

  /** `onOpen`: for the side that connects; null for the side that accepted. */
  constructor(
    { context, ledger }: AppServices,
    stream: Stream,
    protocol: string,
    framing: Framing<T, P>,
    user: FramedUser<T, P>,
    onOpen: (() => void) | null,
  ) {
    this.#context = context;
    this.#ledger = ledger;
    this.stream = stream;
    this.#protocol = protocol;
    this.#framing = framing;
    this.#user = user;
    this.#onOpen = onOpen;
    this.#outbox = new Outbox(context, stream, onOpen === null);
    this.#linger = context.timer(7, `${protocol}.${stream.name}`, 'linger', () => this.abort());
  }

  /** Known for certain when it is open: what lies between this and TCP may open it late. */
  get #conversation(): Conversation {
    const { local, remote } = this.stream;
    return { transport: 'tcp', local, remote };
  }

  get hasRoom(): boolean {
    return this.#outbox.waitingBytes < HIGH_WATER_BYTES;
  }

  get isOver(): boolean {
    return this.#isGone || this.#isClosing;
  }

  /** Sends messages in one write, as far as there is room. `carries`: entries of what is passed on in them. */
  send(messages: readonly Uint8Array[], carries: readonly number[] = NOTHING): void {
    if (this.isOver) return;
    const { name } = this.stream;
    const made = messages.map((bytes) => this.#ledger.made(this.#protocol, name, this.#conversation, bytes, carries));
    const [only] = made;
    if (made.length === 1 && only) this.#outbox.write(only);
    else this.#outbox.write({ bytes: allJoined(messages), carries: made.flatMap((each) => each.carries) });
  }

  /**
   * Closes once everything is written. A close with unread octets would reset the connection, and the reset could
   * overtake the last message, so this side ends, reads on, and closes when the other side has ended too.
   */
  close(): void {
    if (this.isOver) return;
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
    this.#onOpen?.();
  }

  onReadable(): void {
    if (this.#isClosing) this.#discard();
    // What a message does may let more be read before it returns.
    if (this.#isReading) return;
    this.#isReading = true;
    while (!this.isOver && this.#readOne());
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
      this.stream.close();
      this.onClose('finished');
    }
  }

  onClose(reason: CloseReason): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#linger.clear();
    this.#outbox.abandon(this.#ledger, this.#protocol, reason);
    const { partial } = this.#framing;
    if (!this.#isClosing && partial.length > 0) {
      this.#ledger.dropped(this.#protocol, this.stream.name, partial, 'closed', 'the connection ended inside it');
    }
    this.#user.onGone(reason);
  }

  /** False when nothing more can be read now. */
  #readOne(): boolean {
    const one = this.#framing.next();
    if (one === null) {
      // Who sends and does not read the answers is held up by its own window.
      if (this.stream.readableBytes === 0 || !this.hasRoom) return false;
      this.#framing.push(this.stream.read());
      return true;
    }
    const { name } = this.stream;
    if ('why' in one) {
      this.#ledger.dropped(this.#protocol, name, this.#framing.partial, 'malformed', one.why);
      this.#user.onProblem(one);
      return false;
    }
    const was = this.#ledger.received(this.#protocol, name, this.#conversation, one.bytes);
    this.#user.onMessage(one.value, this.#context.recording ? this.#context.journal.cause : null);
    this.#context.resume(was);
    return true;
  }

  #discard(): void {
    while (!this.#isGone && this.stream.readableBytes > 0) {
      const rest = this.stream.read();
      this.#ledger.dropped(this.#protocol, this.stream.name, rest, 'closed', 'it came after the last message');
    }
  }
}

/** Opens a connection. `make` puts the stream that comes of it to use. */
export function connectFramed<F extends StreamUser>(
  services: AppServices,
  name: string,
  remote: Endpoint,
  make: (stream: Stream) => F,
): F {
  let framed: F | null = null;
  let diedAs: CloseReason | null = null;
  const listener: StreamUser = {
    onOpen: () => framed?.onOpen?.(),
    onReadable: () => framed?.onReadable?.(),
    onDrain: () => framed?.onDrain?.(),
    onEnd: () => framed?.onEnd?.(),
    onClose: (reason) => {
      if (framed) framed.onClose?.(reason);
      // It was over before it began: without a route nothing can be sent.
      else diedAs = reason;
    },
  };
  // A message is not held back for the one before it: every one has somebody waiting for it.
  const made = make(services.streams.connect(name, remote, listener, { noDelay: true }));
  framed = made;
  const reason: CloseReason | null = diedAs;
  if (reason !== null) services.context.after(0, () => made.onClose?.(reason));
  return made;
}
