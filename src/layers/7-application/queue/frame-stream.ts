/** Methods and contents over one connection, both ways, with its heartbeats. Of brokers and clients alike. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import { connectFramed, FramedStream, type FramedUser } from '../framed-stream.ts';
import { type BasicProperties, encodeContentHeader } from './content.ts';
import { type Content, ContentAssembly } from './content-assembly.ts';
import { FrameReader, type Unit } from './frame-reader.ts';
import { encodeFrame, FRAME_OVERHEAD_BYTES, FRAME_TYPE, PROTOCOL_HEADER } from './header.ts';
import { encodeMethod, type Method } from './methods.ts';
import { AmqpProblem, REPLY } from './reply.ts';

const SECOND = 1_000_000_000;

export interface FrameUser {
  /** The client's first octets. */
  onProtocolHeader?(): void;
  /** A method, with its content where it has one. */
  onMethod(channel: number, method: Method, content: Content | null, entry: number | null): void;
  /** What closes the connection, or (a soft problem) a channel. */
  onProblem(problem: AmqpProblem, channel: number): void;
  onRoom(): void;
  onGone(reason: CloseReason): void;
}

export class FrameStream implements FramedUser<Unit, AmqpProblem> {
  readonly #services: AppServices;
  readonly #user: FrameUser;
  readonly #reader: FrameReader;
  readonly #framed: FramedStream<Unit, AmqpProblem>;
  readonly #assemblies = new Map<number, ContentAssembly>();
  readonly #beat: Timer;
  readonly #watch: Timer;
  #maxFrameBytes: number;
  #heartbeatNs = 0;
  #sentNs = 0;
  #receivedNs = 0;

  /** `onOpen`: for the side that connects; null for the side that accepted. */
  constructor(services: AppServices, stream: Stream, user: FrameUser, onOpen: (() => void) | null = null) {
    const { context } = services;
    this.#services = services;
    this.#user = user;
    this.#reader = new FrameReader(onOpen === null);
    this.#maxFrameBytes = this.#reader.maxFrameBytes;
    this.#framed = new FramedStream(services, stream, 'amqp', this.#reader, this, onOpen);
    const timer = (name: string, run: () => void) => context.timer(7, `amqp.${stream.name}`, name, run);
    this.#beat = timer('heartbeat', () => this.#onBeat());
    this.#watch = timer('missed heartbeats', () => this.#onWatch());
  }

  get name(): string {
    return this.#framed.stream.name;
  }

  get user(): StreamUser {
    return this.#framed;
  }

  get hasRoom(): boolean {
    return this.#framed.hasRoom;
  }

  /** What both sides agreed on in tune. */
  tune(maxFrameBytes: number, heartbeatSeconds: number): void {
    this.#maxFrameBytes = maxFrameBytes;
    this.#reader.maxFrameBytes = maxFrameBytes;
    this.#heartbeatNs = heartbeatSeconds * SECOND;
    if (heartbeatSeconds === 0) return;
    this.#sentNs = this.#receivedNs = this.#services.context.nowNs;
    this.#beat.set(this.#heartbeatNs / 2);
    this.#watch.set(this.#heartbeatNs);
  }

  sendProtocolHeader(): void {
    this.#send([PROTOCOL_HEADER], NOTHING);
  }

  sendMethod(channel: number, method: Method): void {
    this.#send([encodeFrame(FRAME_TYPE.method, channel, encodeMethod(method))], NOTHING);
  }

  /** A method and its content: method frame, header frame, and as many body frames as it takes, in one write. */
  sendContent(
    channel: number,
    method: Method,
    properties: BasicProperties,
    body: Uint8Array,
    carries: readonly number[],
  ): void {
    const header = encodeContentHeader({ bodyBytes: body.length, properties });
    const frames = [
      encodeFrame(FRAME_TYPE.method, channel, encodeMethod(method)),
      encodeFrame(FRAME_TYPE.header, channel, header),
    ];
    const most = this.#maxFrameBytes - FRAME_OVERHEAD_BYTES;
    for (let at = 0; at < body.length; at += most) {
      frames.push(encodeFrame(FRAME_TYPE.body, channel, body.subarray(at, at + most)));
    }
    this.#send(frames, carries);
  }

  /** What a channel had begun to receive is forgotten. */
  forget(channel: number): void {
    this.#assemblies.delete(channel);
  }

  close(): void {
    this.#framed.close();
  }

  abort(): void {
    this.#framed.abort();
  }

  onMessage(unit: Unit, entry: number | null): void {
    this.#receivedNs = this.#services.context.nowNs;
    if (unit === 'protocol-header') {
      this.#user.onProtocolHeader?.();
      return;
    }
    if (unit.type === FRAME_TYPE.heartbeat) return;
    let assembly = this.#assemblies.get(unit.channel);
    if (!assembly) {
      assembly = new ContentAssembly();
      this.#assemblies.set(unit.channel, assembly);
    }
    const whole = assembly.add(unit);
    if (whole instanceof AmqpProblem) this.#user.onProblem(whole, unit.channel);
    else if (whole) this.#user.onMethod(unit.channel, whole.method, whole.content, entry);
  }

  onProblem(problem: AmqpProblem): void {
    this.#user.onProblem(problem, 0);
  }

  onRoom(): void {
    this.#user.onRoom();
  }

  onGone(reason: CloseReason): void {
    this.#beat.clear();
    this.#watch.clear();
    this.#user.onGone(reason);
  }

  #send(units: readonly Uint8Array[], carries: readonly number[]): void {
    this.#sentNs = this.#services.context.nowNs;
    this.#framed.send(units, carries);
  }

  /** Half the agreed time without a frame: a heartbeat, so that the other side knows that this one lives. */
  #onBeat(): void {
    if (this.#framed.isOver) return;
    const silentNs = this.#services.context.nowNs - this.#sentNs;
    if (silentNs >= this.#heartbeatNs / 2)
      this.#send([encodeFrame(FRAME_TYPE.heartbeat, 0, new Uint8Array(0))], NOTHING);
    this.#beat.set(this.#heartbeatNs / 2);
  }

  /** Two heartbeats have not come: the connection is taken for dead. */
  #onWatch(): void {
    if (this.#framed.isOver) return;
    const restNs = this.#receivedNs + this.#heartbeatNs - this.#services.context.nowNs;
    if (restNs > 0) this.#watch.set(restNs);
    else {
      this.#services.ledger.told(this.name, 'two heartbeats have not come: the connection is taken for dead');
      this.#framed.abort();
    }
  }
}

/** Opens a connection for frames. */
export function connectFrames(services: AppServices, name: string, remote: Endpoint, user: FrameUser): FrameStream {
  const made: FrameStream[] = [];
  connectFramed(services, name, remote, (stream) => {
    const frames: FrameStream = new FrameStream(services, stream, user, () => frames.sendProtocolHeader());
    made.push(frames);
    return frames.user;
  });
  return made[0] as FrameStream;
}

/** What a peer may not do on a channel, or with it. */
export function unexpected(method: Method, where: string): AmqpProblem {
  return new AmqpProblem(REPLY.commandInvalid, `${method.name} ${where}`);
}
