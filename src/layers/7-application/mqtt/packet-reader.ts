/** Finds control packets in a stream of octets. Limits are applied to a header, before anything behind it is kept. */

import { isMalformed } from '../../../wire/reader.ts';
import type { Framing } from '../framed-stream.ts';
import { decodePacket, headerProblem } from './decode.ts';
import { readFixedHeader } from './header.ts';
import type { Packet, Version } from './packet.ts';
import { MqttProblem, REASON } from './reason.ts';

export interface ReadPacket {
  readonly value: Packet;
  /** The whole of it, a copy. */
  readonly bytes: Uint8Array;
}

export class PacketReader implements Framing<Packet, MqttProblem> {
  /** How packets are read; a CONNECT that comes changes it. */
  version: Version;
  readonly #maxPacketBytes: number;
  #bytes = new Uint8Array(0);
  #at = 0;
  #hasFailed = false;

  /** `maxPacketBytes`: of a whole packet, fixed header included. */
  constructor(version: Version, maxPacketBytes: number) {
    this.version = version;
    this.#maxPacketBytes = maxPacketBytes;
  }

  /** Octets of a packet that is not whole yet, or of what comes after one that is malformed. */
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

  /** The next packet; null: more octets are needed. After a problem nothing follows. */
  next(): ReadPacket | MqttProblem | null {
    if (this.#hasFailed) return null;
    const read = this.#read();
    if (read instanceof MqttProblem) this.#hasFailed = true;
    return read;
  }

  #read(): ReadPacket | MqttProblem | null {
    const header = readFixedHeader(this.#bytes, this.#at, this.#bytes.length);
    if (!header) return null;
    if (isMalformed(header)) return new MqttProblem(REASON.malformed, header.malformed);
    const length = header.headerBytes + header.remaining;
    const problem = headerProblem(header, this.version);
    if (problem) return problem;
    if (length > this.#maxPacketBytes) {
      const why = `a packet of ${length} octets, where at most ${this.#maxPacketBytes} are taken`;
      return new MqttProblem(REASON.packetTooLarge, why);
    }
    if (this.#bytes.length - this.#at < length) return null;
    const bytes = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    const packet = decodePacket(header, bytes, this.version);
    if (packet instanceof MqttProblem) return packet;
    if (packet.type === 'connect') this.version = packet.version;
    return { value: packet, bytes };
  }
}
