import { joined } from '../../../wire/octets.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';

const LENGTH_BYTES = 2;

/** Who uses DNS over TCP. */
export interface DnsStreamUser {
  /** A whole message came. */
  onMessage(bytes: Uint8Array, stream: DnsStream): void;
  onOver(reason: CloseReason): void;
}

/**
 * DNS messages over a TCP connection (RFC 7766): each stands behind its length in two octets (RFC 1035 section 4.2.2).
 * The length is not part of the message in the journal. Either side of a connection.
 */
export class DnsStream implements StreamUser {
  readonly #services: AppServices;
  readonly #user: DnsStreamUser;
  #talk: { readonly stream: Stream; readonly conversation: Conversation; readonly outbox: Outbox } | null = null;
  #received = new Uint8Array(0);
  #hasEnded = false;

  constructor(services: AppServices, user: DnsStreamUser) {
    this.#services = services;
    this.#user = user;
  }

  /** `isUp`: the connection is open already. */
  attach(stream: Stream, isUp: boolean): this {
    const conversation: Conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#talk = { stream, conversation, outbox: new Outbox(this.#services.context, stream, isUp) };
    return this;
  }

  /** The connection's name and ends; null before `attach`. */
  get talk(): { readonly name: string; readonly conversation: Conversation } | null {
    return this.#talk && { name: this.#talk.stream.name, conversation: this.#talk.conversation };
  }

  /** Length and message leave as one write (RFC 7766 section 8). Up to 65,535 octets. */
  send(message: Uint8Array): void {
    if (!this.#talk) return;
    const { stream, conversation, outbox } = this.#talk;
    const { bytes, carries } = this.#services.ledger.made('dns', stream.name, conversation, message);
    const framed = new Uint8Array(LENGTH_BYTES + bytes.length);
    framed[0] = bytes.length >>> 8;
    framed[1] = bytes.length;
    framed.set(bytes, LENGTH_BYTES);
    outbox.write({ bytes: framed, carries });
  }

  close(): void {
    this.#talk?.stream.close();
  }

  onOpen(): void {
    this.#talk?.outbox.up();
  }

  onReadable(): void {
    this.#pump();
  }

  onDrain(): void {
    this.#talk?.outbox.drain();
    this.#pump();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#pump();
  }

  onClose(reason: CloseReason): void {
    const { ledger } = this.#services;
    this.#talk?.outbox.abandon(ledger, 'dns', reason);
    if (this.#talk && this.#received.length > 0) {
      ledger.dropped('dns', this.#talk.stream.name, this.#received, 'closed', 'the connection ended inside a message');
    }
    this.#user.onOver(reason);
  }

  /** One message after another, the next only when the answer to the one before is with TCP. */
  #pump(): void {
    if (!this.#talk) return;
    const { stream, outbox } = this.#talk;
    while (outbox.isEmpty) {
      const message = this.#nextMessage();
      if (message) this.#user.onMessage(message, this);
      else if (stream.readableBytes > 0) this.#received = joined(this.#received, stream.read());
      else break;
    }
    if (this.#hasEnded && outbox.isEmpty && stream.readableBytes === 0) stream.close();
  }

  #nextMessage(): Uint8Array | null {
    const [high, low] = this.#received;
    if (high === undefined || low === undefined) return null;
    const end = LENGTH_BYTES + high * 256 + low;
    if (this.#received.length < end) return null;
    const message = this.#received.subarray(LENGTH_BYTES, end);
    this.#received = this.#received.subarray(end);
    return message;
  }
}
