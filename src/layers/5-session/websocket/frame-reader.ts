import { Writer } from '../../../wire/writer.ts';
import { CLOSE_CODE } from './close-code.ts';
import {
  decodeFrameHead,
  type FrameHead,
  headBytesOf,
  isControl,
  isKnownOpcode,
  MAX_CONTROL_BYTES,
  MAX_HEAD_BYTES,
  mask,
} from './header.ts';

const NONE = new Uint8Array(0);

/** Why a connection must be failed (RFC 6455 section 7.1.7), and the code that says so. */
export interface Fault {
  readonly code: number;
  readonly why: string;
}

/** What the frames mean is for others to say; each call may find a fault. */
export interface FrameUser {
  onHead(head: FrameHead): Fault | null;
  /** Some octets of the payload, unmasked; the array is the user's to keep. */
  onPayload(bytes: Uint8Array): Fault | null;
  /** The frame is whole. `frame`: all its octets as they came; empty unless they are kept. */
  onFrame(frame: Uint8Array): Fault | null;
}

/**
 * Cuts a stream into frames. Each octet is looked at once and handed on, so pieces of any size cost the same; what the
 * head alone says wrong is found before any payload is waited for.
 */
export class FrameReader {
  readonly #isMaskExpected: boolean;
  readonly #rsvAllowed: number;
  readonly #keepsFrames: boolean;
  readonly #user: FrameUser;
  readonly #headBuffer = new Uint8Array(MAX_HEAD_BYTES);
  #headLength = 0;
  #head: FrameHead | null = null;
  #payloadRead = 0;
  #kept: Writer | null = null;

  /** `isMaskExpected`: true at a server. `rsvAllowed`: bits that an extension gives a meaning. */
  constructor(isMaskExpected: boolean, rsvAllowed: number, keepsFrames: boolean, user: FrameUser) {
    this.#isMaskExpected = isMaskExpected;
    this.#rsvAllowed = rsvAllowed;
    this.#keepsFrames = keepsFrames;
    this.#user = user;
  }

  /** The octets of the frame that has begun and is not whole. */
  get partial(): Uint8Array {
    return this.#kept?.done() ?? NONE;
  }

  /** Reads a piece of the stream; after a fault nothing more may be pushed. */
  push(bytes: Uint8Array): Fault | null {
    let at = 0;
    while (at < bytes.length) {
      const from = at;
      const head = this.#head;
      at = head ? Math.min(bytes.length, at + head.payloadBytes - this.#payloadRead) : at + 1;
      if (this.#keepsFrames) {
        this.#kept ??= new Writer();
        this.#kept.bytes(bytes.subarray(from, at));
      }
      const fault = head ? this.#onPayload(head, bytes.slice(from, at)) : this.#onHeadOctet(bytes[from] as number);
      if (fault) return fault;
    }
    return null;
  }

  #onHeadOctet(octet: number): Fault | null {
    const buffer = this.#headBuffer;
    buffer[this.#headLength++] = octet;
    if (this.#headLength === 1) return this.#checkFirst(octet);
    const second = buffer[1] as number;
    if (this.#headLength === 2) {
      const fault = this.#checkSecond(buffer[0] as number, second);
      if (fault) return fault;
    }
    if (this.#headLength < headBytesOf(second)) return null;
    const head = decodeFrameHead(buffer, 0);
    this.#headLength = 0;
    this.#payloadRead = 0;
    if (!head.isMinimal) return protocolError('a payload length is longer than it need be');
    this.#head = head;
    return this.#user.onHead(head) ?? (head.payloadBytes === 0 ? this.#finish() : null);
  }

  #checkFirst(octet: number): Fault | null {
    const rsv = (octet >> 4) & 7;
    const opcode = octet & 15;
    if (rsv & ~this.#rsvAllowed) return protocolError('a reserved bit is set, and no extension gives it a meaning');
    if (!isKnownOpcode(opcode)) return protocolError(`the opcode ${opcode} is reserved`);
    if (!isControl(opcode)) return null;
    if (rsv !== 0) return protocolError('a control frame has a reserved bit set');
    return octet & 0x80 ? null : protocolError('a control frame is fragmented');
  }

  #checkSecond(first: number, octet: number): Fault | null {
    const isMasked = (octet & 0x80) !== 0;
    if (isMasked !== this.#isMaskExpected) {
      return protocolError(isMasked ? 'a frame of the server is masked' : 'a frame of the client is not masked');
    }
    const isTooLong = isControl(first & 15) && (octet & 0x7f) > MAX_CONTROL_BYTES;
    return isTooLong ? protocolError(`a control frame has more than ${MAX_CONTROL_BYTES} octets`) : null;
  }

  #onPayload(head: FrameHead, bytes: Uint8Array): Fault | null {
    if (head.maskingKey) mask(bytes, 0, bytes.length, head.maskingKey, this.#payloadRead);
    this.#payloadRead += bytes.length;
    const fault = this.#user.onPayload(bytes);
    return fault ?? (this.#payloadRead === head.payloadBytes ? this.#finish() : null);
  }

  #finish(): Fault | null {
    this.#head = null;
    const frame = this.partial;
    this.#kept = null;
    return this.#user.onFrame(frame);
  }
}

export function protocolError(why: string): Fault {
  return { code: CLOSE_CODE.protocolError, why };
}
