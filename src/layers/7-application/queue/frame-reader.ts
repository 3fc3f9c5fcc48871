/** Finds frames in a stream of octets. Limits are applied to a header, before anything behind it is kept. */

import { MAX_AMQP_FRAME_BYTES } from '../../limits.ts';
import type { Framing } from '../framed-stream.ts';
import {
  FRAME_END,
  FRAME_HEADER_BYTES,
  FRAME_OVERHEAD_BYTES,
  FRAME_TYPE,
  type Frame,
  PROTOCOL_HEADER,
  readFrameHeader,
} from './header.ts';
import { AmqpProblem, REPLY } from './reply.ts';

const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME_TYPE));

/** The protocol header of the peer: not a frame, but the first that comes from a client. */
export type Unit = Frame | 'protocol-header';

export class FrameReader implements Framing<Unit, AmqpProblem> {
  /** Greatest frame, its header and end included. */
  maxFrameBytes = MAX_AMQP_FRAME_BYTES;
  #expectsProtocol: boolean;
  #bytes = new Uint8Array(0);
  #at = 0;
  #hasFailed = false;

  /** `isServer`: the first eight octets are the protocol header. */
  constructor(isServer: boolean) {
    this.#expectsProtocol = isServer;
  }

  get partial(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  push(bytes: Uint8Array): void {
    if (this.#hasFailed) return;
    const rest = this.partial;
    const joined = new Uint8Array(rest.length + bytes.length);
    joined.set(rest);
    joined.set(bytes, rest.length);
    this.#bytes = joined;
    this.#at = 0;
  }

  next(): { readonly value: Unit; readonly bytes: Uint8Array } | AmqpProblem | null {
    if (this.#hasFailed) return null;
    const read = this.#expectsProtocol ? this.#readProtocol() : this.#readFrame();
    if (read instanceof AmqpProblem) this.#hasFailed = true;
    return read;
  }

  #readProtocol(): { readonly value: Unit; readonly bytes: Uint8Array } | AmqpProblem | null {
    const start = this.#bytes.subarray(0, PROTOCOL_HEADER.length);
    if (!start.every((octet, at) => octet === PROTOCOL_HEADER[at])) {
      return new AmqpProblem(REPLY.frameError, 'what came first is not the protocol header of AMQP 0-9-1');
    }
    if (start.length < PROTOCOL_HEADER.length) return null;
    this.#expectsProtocol = false;
    this.#at = PROTOCOL_HEADER.length;
    return { value: 'protocol-header', bytes: start.slice() };
  }

  #readFrame(): { readonly value: Unit; readonly bytes: Uint8Array } | AmqpProblem | null {
    const left = this.#bytes.length - this.#at;
    if (left < FRAME_HEADER_BYTES) return null;
    const { type, channel, payloadBytes } = readFrameHeader(this.#bytes, this.#at);
    const length = payloadBytes + FRAME_OVERHEAD_BYTES;
    if (!TYPES.has(type)) return new AmqpProblem(REPLY.frameError, `frame type ${type} does not exist`);
    if (length > this.maxFrameBytes) {
      const why = `a frame of ${length} octets, where at most ${this.maxFrameBytes} are taken`;
      return new AmqpProblem(REPLY.frameError, why);
    }
    if (left < length) return null;
    const bytes = this.#bytes.slice(this.#at, this.#at + length);
    if (bytes[length - 1] !== FRAME_END) {
      return new AmqpProblem(REPLY.frameError, 'the octet that ends a frame is not 0xCE');
    }
    this.#at += length;
    const payload = bytes.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + payloadBytes);
    if (type === FRAME_TYPE.heartbeat && (channel !== 0 || payloadBytes > 0)) {
      return new AmqpProblem(REPLY.frameError, 'a heartbeat is empty and belongs to no channel');
    }
    return { value: { type, channel, payload }, bytes };
  }
}
