/** The WebSocket protocol (RFC 6455) from the end of its handshake on, at either end. */

import type { Context } from '../../../kernel/context.ts';
import { type DropReason, NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';
import type { CloseReason, Stream } from '../../4-transport/service.ts';
import { dropOctets } from '../../drop.ts';
import { MAX_WEBSOCKET_BUFFERED_BYTES } from '../../limits.ts';
import type {
  Asking,
  Compression,
  Presentation,
  ServerAnswer,
  Terms,
  UpgradeRequest,
  WebSocketDialogue,
  WebSocketOptions,
  WebSocketService,
  WebSocketUser,
} from '../service.ts';
import { CLOSE_CODE } from './close-code.ts';
import { type Fault, FrameReader } from './frame-reader.ts';
import { agreementOf, answerTo, keyOf, requestFields } from './handshake.ts';
import { encodeCloseBody, encodeFrame, MAX_CONTROL_BYTES, OPCODE, RSV1 } from './header.ts';
import { MessageReader, type MessageUser } from './message-reader.ts';
import { SendQueue } from './send-queue.ts';

const SECOND_NS = 1_000_000_000;
/** How long the other side may take to end its part of the closing handshake. */
const CLOSE_TIMEOUT_NS = 30 * SECOND_NS;
const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;
const DEFAULT_MAX_FRAGMENTS = 1024;
/** More than this waiting, and `send` asks for patience: Node's mark for a stream. */
const HIGH_WATER_BYTES = 16 * 1024;
const NONE = new Uint8Array(0);

export class WebSockets implements WebSocketService {
  readonly #context: Context;
  readonly #presentation: Presentation;
  readonly #random: Rng;
  readonly #keys: Rng;

  constructor(context: Context, presentation: Presentation) {
    this.#context = context;
    this.#presentation = presentation;
    this.#random = context.random('websocket/masking-key');
    this.#keys = context.random('websocket/key');
  }

  ask(terms: Terms): Asking {
    const key = keyOf(this.#keys.bytes(16));
    return { fields: requestFields(key, terms), agreement: (response) => agreementOf(response, key, terms) };
  }

  answer(request: UpgradeRequest, terms: Terms): ServerAnswer {
    return answerTo(request, terms);
  }

  open(stream: Stream, options: WebSocketOptions, user: WebSocketUser): WebSocketDialogue {
    return new WebSocket(this.#context, this.#presentation, this.#random, stream, options, user);
  }
}

type State = 'OPEN' | 'CLOSING' | 'CLOSED';

class WebSocket implements WebSocketDialogue, MessageUser {
  readonly machine: string;
  readonly #context: Context;
  readonly #random: Rng;
  readonly #stream: Stream;
  readonly #options: WebSocketOptions;
  readonly #user: WebSocketUser;
  readonly #compression: Compression | null;
  readonly #frames: FrameReader;
  readonly #queue: SendQueue;
  readonly #closeTimer: Timer;
  readonly #pingTimer: Timer | null;
  #state: State = 'OPEN';
  #closeSent = false;
  /** What the other side's Close frame said. */
  #closeReceived: { readonly code: number; readonly reason: Uint8Array } | null = null;
  /** The connection was failed: what still comes means nothing. */
  #hasFailed = false;
  #streamEnded = false;
  #awaitsPong = false;
  #isAskedToWait = false;

  constructor(
    context: Context,
    presentation: Presentation,
    random: Rng,
    stream: Stream,
    options: WebSocketOptions,
    user: WebSocketUser,
  ) {
    this.machine = `ws.${stream.name}`;
    this.#context = context;
    this.#random = random;
    this.#stream = stream;
    this.#options = options;
    this.#user = user;
    const { role, deflate } = options;
    this.#compression = deflate ? presentation.compression(deflate, role) : null;
    const limits = {
      maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      maxFragments: options.maxFragments ?? DEFAULT_MAX_FRAGMENTS,
    };
    const messages = new MessageReader(presentation.textCheck(), this.#compression, limits, this);
    this.#frames = new FrameReader(role === 'server', deflate ? RSV1 : 0, context.recording, messages);
    this.#queue = new SendQueue(context, stream, this.machine);
    this.#closeTimer = context.timer(5, this.machine, 'close', () => this.terminate('the other side did not close'));
    const { pingIntervalNs = null } = options;
    this.#pingTimer =
      pingIntervalNs === null ? null : context.timer(5, this.machine, 'ping', () => this.#onPingTimer(pingIntervalNs));
    this.#pingTimer?.set(pingIntervalNs ?? 0);
    this.#record('CONNECTING', 'OPEN', 'the handshake is over');
  }

  get isOpen(): boolean {
    return this.#state === 'OPEN';
  }

  get bufferedBytes(): number {
    return this.#queue.bufferedBytes;
  }

  begin(early: Uint8Array): void {
    this.#read(early);
    this.onReadable();
  }

  send(message: Uint8Array, isText: boolean, carries: readonly number[] = NOTHING): boolean {
    if (this.#state !== 'OPEN') {
      this.#drop(message, 'closed', 'the WebSocket is not open', carries);
      return false;
    }
    if (this.#queue.bufferedBytes + message.length > MAX_WEBSOCKET_BUFFERED_BYTES) {
      this.#drop(message, 'buffer-full', `${this.#queue.bufferedBytes} octets wait for a slow reader`, carries);
      return false;
    }
    const payload = this.#compression ? this.#compressed(this.#compression, message) : message;
    const rsv = this.#compression ? RSV1 : 0;
    const opcode = isText ? OPCODE.text : OPCODE.binary;
    const size = this.#options.fragmentBytes ?? Math.max(payload.length, 1);
    for (let at = 0; at === 0 || at < payload.length; at += size) {
      const isLast = at + size >= payload.length;
      const part = payload.subarray(at, at + size);
      this.#sendFrame(at === 0 ? opcode : OPCODE.continuation, part, carries, isLast, at === 0 ? rsv : 0);
    }
    this.#isAskedToWait = this.#queue.bufferedBytes > HIGH_WATER_BYTES;
    return !this.#isAskedToWait;
  }

  /** The sizes before and after are work of layer 6. */
  #compressed(compression: Compression, message: Uint8Array): Uint8Array {
    const payload = compression.compress(message);
    const context = this.#context;
    if (context.recording) {
      const metric = {
        kind: 'metric',
        layer: 6,
        protocol: 'deflate',
        machine: `deflate.${this.#stream.name}`,
      } as const;
      context.record({ ...metric, name: 'plainBytes', value: message.length });
      context.record({ ...metric, name: 'codedBytes', value: payload.length });
    }
    return payload;
  }

  ping(payload: Uint8Array): void {
    if (this.#state !== 'OPEN') return;
    this.#awaitsPong = true;
    this.#sendFrame(OPCODE.ping, payload.subarray(0, MAX_CONTROL_BYTES));
  }

  close(code: number | null, reason: Uint8Array): void {
    if (this.#state !== 'OPEN') return;
    this.#become('CLOSING', code === null ? 'this side closes' : `this side closes with ${code}`);
    this.#sendClose(code, reason.subarray(0, MAX_CONTROL_BYTES - 2));
  }

  terminate(why: string): void {
    if (this.#state === 'CLOSED') return;
    this.#stream.abort();
    this.#finish(why);
  }

  onReadable(): void {
    while (this.#stream.readableBytes > 0) this.#read(this.#stream.read());
  }

  onDrain(): void {
    this.#queue.drain();
    this.#endWhenSaid();
    if (this.#queue.isEmpty && this.#isAskedToWait) {
      this.#isAskedToWait = false;
      if (this.#state === 'OPEN') this.#user.onDrain?.();
    }
  }

  /** The other side sends no more. Without its Close frame the connection broke off. */
  onEnd(): void {
    this.#streamEnded = true;
    this.#stream.close();
    this.#finish(this.#closeReceived ? 'both sides have closed' : 'the other side ended without a Close frame');
  }

  onClose(reason: CloseReason): void {
    this.#finish(reason === 'finished' ? 'the connection was closed' : `the connection ended: ${reason}`);
  }

  onFrame(frame: Uint8Array): void {
    if (!this.#context.recording) return;
    if (this.#ignores) {
      this.#drop(frame, 'closed', 'it came after the end of the dialogue');
      return;
    }
    const { machine: via } = this;
    const entry = { kind: 'decoded', layer: 5, protocol: 'websocket', bytes: frame, carries: NOTHING, via } as const;
    this.#context.because(this.#context.record(entry));
  }

  onMessage(message: Uint8Array, isText: boolean): void {
    if (!this.#ignores) this.#user.onMessage(message, isText);
  }

  onPing(payload: Uint8Array): void {
    if (this.#ignores) return;
    if (this.#state === 'OPEN') {
      for (const { bytes, carries } of this.#queue.takeBackPongs()) {
        this.#drop(bytes, 'expired', 'a later Ping is answered in its place', carries);
      }
      this.#sendFrame(OPCODE.pong, payload);
    }
    this.#user.onPing?.(payload);
  }

  onPong(payload: Uint8Array): void {
    if (this.#ignores) return;
    this.#awaitsPong = false;
    this.#user.onPong?.(payload);
  }

  onCloseFrame(code: number | null, reason: Uint8Array): void {
    if (this.#ignores) return;
    this.#closeReceived = { code: code ?? CLOSE_CODE.noStatus, reason };
    if (this.#state === 'OPEN') this.#become('CLOSING', `the other side closes${code === null ? '' : ` with ${code}`}`);
    if (this.#closeSent) this.#endWhenSaid();
    else this.#sendClose(code, reason);
  }

  get #ignores(): boolean {
    return this.#closeReceived !== null || this.#hasFailed || this.#state === 'CLOSED';
  }

  #read(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#ignores) {
      this.#drop(bytes, 'closed', 'it came after the end of the dialogue');
      return;
    }
    const was = this.#context.because(this.#context.journal.cause);
    const fault = this.#frames.push(bytes);
    if (fault && !this.#ignores) this.#fail(fault);
    this.#context.resume(was);
  }

  /** RFC 6455 section 7.1.7: says why, and ends. */
  #fail({ code, why }: Fault): void {
    this.#drop(this.#frames.partial, 'malformed', why);
    this.#hasFailed = true;
    if (this.#state === 'OPEN') this.#become('CLOSING', `fails with ${code}: ${why}`);
    if (this.#closeSent) this.#endWhenSaid();
    else this.#sendClose(code, NONE);
  }

  #sendClose(code: number | null, reason: Uint8Array): void {
    this.#closeSent = true;
    this.#closeTimer.set(CLOSE_TIMEOUT_NS);
    this.#pingTimer?.clear();
    this.#sendFrame(OPCODE.close, encodeCloseBody(code, reason));
    this.#endWhenSaid();
  }

  /**
   * Section 7.1.1: when both have said Close the server ends the connection, and the client waits for that. Who fails the
   * connection ends it too, for the other side may never answer.
   */
  #endWhenSaid(): void {
    const isOurs = this.#hasFailed || (this.#closeReceived !== null && this.#options.role === 'server');
    if (!this.#closeSent || !isOurs || !this.#queue.isEmpty || this.#streamEnded) return;
    this.#streamEnded = true;
    this.#stream.end();
  }

  #sendFrame(opcode: number, payload: Uint8Array, carries = NOTHING, fin = true, rsv = 0): void {
    const context = this.#context;
    const maskingKey = this.#options.role === 'client' ? this.#random.bytes(4) : null;
    const bytes = encodeFrame({ fin, rsv, opcode, maskingKey, payload });
    let inside = carries;
    if (context.recording) {
      const { machine: via } = this;
      inside = [context.record({ kind: 'encoded', layer: 5, protocol: 'websocket', bytes, carries, via })];
    }
    this.#queue.add(bytes, inside, opcode === OPCODE.pong);
  }

  #onPingTimer(intervalNs: number): void {
    if (this.#state !== 'OPEN') return;
    if (this.#awaitsPong) {
      this.terminate('no Pong came since the last Ping');
      return;
    }
    this.ping(NONE);
    this.#pingTimer?.set(intervalNs);
  }

  /** The dialogue is over; the user is told once. */
  #finish(why: string): void {
    if (this.#state === 'CLOSED') return;
    this.#become('CLOSED', why);
    this.#closeTimer.clear();
    this.#pingTimer?.clear();
    for (const { bytes, carries } of this.#queue.abandon()) {
      this.#drop(bytes, 'closed', 'it waited for a connection that is over', carries);
    }
    const { partial } = this.#frames;
    if (partial.length > 0 && !this.#hasFailed) this.#drop(partial, 'closed', 'the connection ended inside a frame');
    const { code, reason } = this.#closeReceived ?? { code: CLOSE_CODE.abnormal, reason: NONE };
    this.#user.onClose(code, reason);
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    this.#record(from, to, because);
  }

  #record(from: string, to: string, because: string): void {
    if (!this.#context.recording) return;
    const { machine } = this;
    this.#context.record({ kind: 'state', layer: 5, protocol: 'websocket', machine, from, to, because });
  }

  #drop(bytes: Uint8Array, reason: DropReason, detail: string, carries: readonly number[] = NOTHING): void {
    if (bytes.length > 0) dropOctets(this.#context, bytes, carries, 5, 'websocket', this.machine, reason, detail);
  }
}
