/**
 * One TLS connection, either end of it, and no stream: octets in, records out. It reads records into handshake messages,
 * alerts and data, runs the handshake, and renews keys.
 */

import { joined } from '../../../wire/octets.ts';
import { ClientHandshake } from './client-handshake.ts';
import type { Agreed, ClientSettings, Handshake, HandshakeLink, SecretLabel, ServerSettings } from './handshake.ts';
import { ALERT, alertName, CONTENT, HANDSHAKE, TlsProblem } from './header.ts';
import { Transcript, updatedSecret } from './key-schedule.ts';
import {
  decodeNewSessionTicket,
  encodeNewSessionTicket,
  handshakeMessage,
  messageName,
  type NewSessionTicket,
} from './messages.ts';
import { type CipherSuite, RecordCipher } from './record-cipher.ts';
import { type OpenedRecord, RecordLayer } from './record-layer.ts';
import { ServerHandshake } from './server-handshake.ts';

/** Chains of certificates are long; nothing else is. */
const MAX_MESSAGE_BYTES = 1 << 16;

export interface ConnectionUser {
  /** A record is to be sent; `content` is what it carries, `message` its name. */
  onRecord(record: Uint8Array, type: number, content: Uint8Array, carries: readonly number[]): void;
  /** A record was opened. */
  onOpened(opened: OpenedRecord): void;
  onAgreed(agreed: Agreed): void;
  onData(content: Uint8Array): void;
  /** The peer will send no more: close_notify. */
  onCloseNotify(): void;
  onTicket(ticket: NewSessionTicket): void;
  onSecret(label: SecretLabel, random: Uint8Array, secret: Uint8Array): void;
  onKeysChanged(whose: 'ours' | 'theirs'): void;
  /** It is over: the alert went to the peer, or came from it. */
  onProblem(problem: TlsProblem, isTheirs: boolean): void;
}

const NO_CARRIES: readonly number[] = Object.freeze([]);

export class TlsConnection {
  readonly #user: ConnectionUser;
  readonly #layer = new RecordLayer();
  readonly #handshake: Handshake;
  readonly #transcript = new Transcript();
  #message: Uint8Array = new Uint8Array(0);
  #isOver = false;
  #hasEnded = false;
  /** After so many records the keys are renewed; null: when the suite asks for it. */
  readonly #renewAfter: number | null;
  #sinceRenewal = 0;

  private constructor(user: ConnectionUser, renewAfter: number | null, make: (link: HandshakeLink) => Handshake) {
    this.#user = user;
    this.#renewAfter = renewAfter;
    this.#handshake = make(this.#link());
  }

  static client(user: ConnectionUser, settings: ClientSettings, renewAfter: number | null = null): TlsConnection {
    return new TlsConnection(user, renewAfter, (link) => new ClientHandshake(link, settings));
  }

  static server(user: ConnectionUser, settings: ServerSettings, renewAfter: number | null = null): TlsConnection {
    return new TlsConnection(user, renewAfter, (link) => new ServerHandshake(link, settings));
  }

  get isOpen(): boolean {
    return this.#layer.isOpen && !this.#isOver;
  }

  /** Octets of a record that never came whole. */
  get partial(): Uint8Array {
    return this.#layer.partial;
  }

  /** A client begins. */
  start(): void {
    if (!(this.#handshake instanceof ClientHandshake)) return;
    this.#layer.hasBegun = true;
    this.#handshake.start();
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#layer.push(bytes);
    while (!this.#isOver) {
      const record = this.#layer.next();
      if (!record) return;
      const problem = record instanceof TlsProblem ? record : this.#onRecord(record);
      if (problem) this.fail(problem);
    }
  }

  /** Data of the application, at most 2^14 octets. */
  write(content: Uint8Array, carries: readonly number[]): void {
    if (!this.isOpen || this.#hasEnded) return;
    const { writing } = this.#layer;
    if (writing && (this.#renewAfter === null ? writing.isWornOut : this.#sinceRenewal >= this.#renewAfter)) {
      this.renewKeys(false);
    }
    this.#sinceRenewal++;
    this.#emit(CONTENT.applicationData, content, carries);
  }

  /** Section 4.6.3: new keys for what we send, and on request for what the peer sends. */
  renewKeys(asksPeer: boolean): void {
    const { writing } = this.#layer;
    if (!this.isOpen || !writing) return;
    this.#emit(CONTENT.handshake, handshakeMessage(HANDSHAKE.keyUpdate, Uint8Array.of(asksPeer ? 1 : 0)), NO_CARRIES);
    this.#layer.writing = new RecordCipher(writing.suite, updatedSecret(writing.secret));
    this.#sinceRenewal = 0;
    this.#user.onKeysChanged('ours');
  }

  /** A server hands out a ticket. */
  sendTicket(ticket: NewSessionTicket): void {
    if (!this.isOpen) return;
    const message = handshakeMessage(HANDSHAKE.newSessionTicket, encodeNewSessionTicket(ticket));
    this.#emit(CONTENT.handshake, message, NO_CARRIES);
  }

  /** No more will be written: close_notify, once. */
  end(): void {
    if (this.#hasEnded || this.#isOver) return;
    this.#hasEnded = true;
    this.#emit(CONTENT.alert, Uint8Array.of(1, ALERT.close_notify), NO_CARRIES);
  }

  /** Something is wrong: the peer is told with an alert, and it is over. */
  fail(problem: TlsProblem): void {
    if (this.#isOver) return;
    if (!this.#hasEnded) this.#emit(CONTENT.alert, Uint8Array.of(2, ALERT[problem.alert]), NO_CARRIES);
    this.#isOver = true;
    this.#user.onProblem(problem, false);
  }

  #link(): HandshakeLink {
    const layer = this.#layer;
    return {
      transcript: this.#transcript,
      send: (type, body) => {
        const message = handshakeMessage(type, body);
        this.#transcript.add(message);
        this.#emit(CONTENT.handshake, message, NO_CARRIES);
      },
      changeCipherSpec: () => this.#emit(CONTENT.changeCipherSpec, Uint8Array.of(1), NO_CARRIES),
      protectReading: (suite: CipherSuite, secret) => {
        layer.reading = new RecordCipher(suite, secret);
      },
      protectWriting: (suite: CipherSuite, secret) => {
        layer.writing = new RecordCipher(suite, secret);
      },
      log: (label, random, secret) => this.#user.onSecret(label, random, secret),
      done: (agreed) => {
        layer.isOpen = true;
        this.#user.onAgreed(agreed);
      },
    };
  }

  #emit(type: number, content: Uint8Array, carries: readonly number[]): void {
    for (const record of this.#layer.seal(type, content)) this.#user.onRecord(record, type, content, carries);
  }

  #onRecord(opened: OpenedRecord): TlsProblem | null {
    const { type, content } = opened;
    this.#user.onOpened(opened);
    if (type !== CONTENT.handshake && this.#message.length > 0) {
      return new TlsProblem('unexpected_message', 'another record inside a handshake message');
    }
    if (type === CONTENT.alert) return this.#onAlert(content);
    if (type === CONTENT.handshake) return this.#onHandshake(content);
    if (!this.#layer.isOpen) return new TlsProblem('unexpected_message', 'data before the handshake is over');
    if (content.length > 0) this.#user.onData(content);
    return null;
  }

  #onAlert(content: Uint8Array): TlsProblem | null {
    const [, code] = content;
    if (content.length !== 2 || code === undefined) return new TlsProblem('decode_error', 'an alert of no two octets');
    if (code === ALERT.close_notify || code === ALERT.user_canceled) {
      if (code === ALERT.close_notify) this.#user.onCloseNotify();
      return null;
    }
    // Section 6.2: whatever its level says, any other alert is the end.
    this.#isOver = true;
    const name = alertName(code);
    this.#user.onProblem(new TlsProblem(name as TlsProblem['alert'], `the other side says ${name}`), true);
    return null;
  }

  #onHandshake(content: Uint8Array): TlsProblem | null {
    this.#message = joined(this.#message, content);
    while (this.#message.length >= 4 && !this.#isOver) {
      const [type = 0, high = 0, middle = 0, low = 0] = this.#message;
      const length = (high << 16) | (middle << 8) | low;
      if (length > MAX_MESSAGE_BYTES) return new TlsProblem('illegal_parameter', `a message of ${length} octets`);
      if (this.#message.length < 4 + length) return null;
      const raw = this.#message.slice(0, 4 + length);
      this.#message = this.#message.slice(4 + length);
      if (type === HANDSHAKE.clientHello) this.#layer.hasBegun = true;
      const before = this.#layer.reading;
      const problem = this.#layer.isOpen
        ? this.#onLaterMessage(type, raw.subarray(4))
        : this.#handshake.onMessage(type, raw.subarray(4), raw);
      if (problem) return problem;
      // Section 5.1: messages must not go on over a change of keys.
      if (this.#layer.reading !== before && this.#message.length > 0) {
        return new TlsProblem('unexpected_message', 'a message goes on over a change of keys');
      }
    }
    return null;
  }

  #onLaterMessage(type: number, body: Uint8Array): TlsProblem | null {
    if (type === HANDSHAKE.keyUpdate) return this.#onKeyUpdate(body);
    if (type === HANDSHAKE.newSessionTicket && this.#handshake instanceof ClientHandshake) {
      const ticket = decodeNewSessionTicket(body);
      if (ticket instanceof TlsProblem) return ticket;
      this.#user.onTicket(ticket);
      return null;
    }
    return new TlsProblem('unexpected_message', `${messageName(type)} after the handshake`);
  }

  #onKeyUpdate(body: Uint8Array): TlsProblem | null {
    const { reading } = this.#layer;
    const [asks] = body;
    if (body.length !== 1 || !reading) return new TlsProblem('decode_error', 'the KeyUpdate cannot be read');
    if (asks !== 0 && asks !== 1) return new TlsProblem('illegal_parameter', `a KeyUpdate that asks ${asks}`);
    this.#layer.reading = new RecordCipher(reading.suite, updatedSecret(reading.secret));
    this.#user.onKeysChanged('theirs');
    if (asks === 1 && !this.#hasEnded) this.renewKeys(false);
    return null;
  }
}
