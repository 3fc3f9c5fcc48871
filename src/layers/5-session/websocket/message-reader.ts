import { u16 } from '../../../wire/reader.ts';
import { Writer } from '../../../wire/writer.ts';
import type { Compression, TextCheck } from '../service.ts';
import { CLOSE_CODE, mayBeSent } from './close-code.ts';
import { type Fault, type FrameUser, protocolError } from './frame-reader.ts';
import { type FrameHead, isControl, OPCODE, RSV1 } from './header.ts';

/** What came, once it is whole. Each is told after the octets of its frame. */
export interface MessageUser {
  onFrame(frame: Uint8Array): void;
  onMessage(message: Uint8Array, isText: boolean): void;
  onPing(payload: Uint8Array): void;
  onPong(payload: Uint8Array): void;
  /** `code` null: the frame had none. */
  onCloseFrame(code: number | null, reason: Uint8Array): void;
}

export interface MessageLimits {
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
}

/** Puts frames together to messages (RFC 6455 section 5.4), within limits that are checked before anything is kept. */
export class MessageReader implements FrameUser {
  readonly #textCheck: TextCheck;
  readonly #compression: Compression | null;
  readonly #limits: MessageLimits;
  readonly #user: MessageUser;
  #head: FrameHead | null = null;
  #control = new Writer();
  /** The data message that has begun. */
  #opcode: number | null = null;
  #isCompressed = false;
  #message = new Writer();
  #fragments = 0;

  constructor(textCheck: TextCheck, compression: Compression | null, limits: MessageLimits, user: MessageUser) {
    this.#textCheck = textCheck;
    this.#compression = compression;
    this.#limits = limits;
    this.#user = user;
  }

  onHead(head: FrameHead): Fault | null {
    this.#head = head;
    return isControl(head.opcode) ? null : this.#onDataHead(head);
  }

  onPayload(bytes: Uint8Array): Fault | null {
    if (this.#head && isControl(this.#head.opcode)) {
      this.#control.bytes(bytes);
      return null;
    }
    this.#message.bytes(bytes);
    if (this.#opcode !== OPCODE.text || this.#isCompressed) return null;
    return this.#textCheck.push(bytes) ? null : NOT_TEXT;
  }

  onFrame(frame: Uint8Array): Fault | null {
    const head = this.#head as FrameHead;
    this.#user.onFrame(frame);
    if (isControl(head.opcode)) {
      const payload = this.#control.done();
      this.#control = new Writer();
      return this.#onControl(head.opcode, payload);
    }
    return head.fin ? this.#finish() : null;
  }

  #onDataHead({ opcode, rsv, payloadBytes }: FrameHead): Fault | null {
    if (opcode === OPCODE.continuation) {
      if (this.#opcode === null) return protocolError('a continuation has nothing to continue');
      if (rsv !== 0) return protocolError('RSV1 is set on a frame that is not the first of its message');
    } else {
      if (this.#opcode !== null) return protocolError('a message begins inside another');
      this.#opcode = opcode;
      this.#isCompressed = (rsv & RSV1) !== 0;
      this.#fragments = 0;
      this.#textCheck.reset();
    }
    const { maxFragments, maxMessageBytes } = this.#limits;
    if (++this.#fragments > maxFragments) {
      return { code: CLOSE_CODE.policyViolation, why: `a message has more than ${maxFragments} frames` };
    }
    return this.#message.length + payloadBytes > maxMessageBytes ? tooBig(maxMessageBytes) : null;
  }

  #finish(): Fault | null {
    const isText = this.#opcode === OPCODE.text;
    const raw = this.#message.done();
    this.#message = new Writer();
    this.#opcode = null;
    let message = raw;
    if (this.#isCompressed && this.#compression) {
      const { maxMessageBytes } = this.#limits;
      const inflated = this.#compression.decompress(raw, maxMessageBytes);
      if (inflated === 'too-big') return tooBig(maxMessageBytes);
      if (inflated === 'damaged') return { code: CLOSE_CODE.invalidPayload, why: 'a compressed message is damaged' };
      message = inflated;
      if (isText && !this.#textCheck.push(message)) return NOT_TEXT;
    }
    if (isText && !this.#textCheck.isComplete) return NOT_TEXT;
    this.#user.onMessage(message, isText);
    return null;
  }

  #onControl(opcode: number, payload: Uint8Array): Fault | null {
    if (opcode === OPCODE.ping) this.#user.onPing(payload);
    else if (opcode === OPCODE.pong) this.#user.onPong(payload);
    else return this.#onClose(payload);
    return null;
  }

  /** Section 5.5.1: nothing, or a code of two octets and a reason in UTF-8. */
  #onClose(payload: Uint8Array): Fault | null {
    if (payload.length === 0) {
      this.#user.onCloseFrame(null, payload);
      return null;
    }
    if (payload.length === 1) return protocolError('a Close frame has one octet, which is no code');
    const code = u16(payload, 0);
    if (!mayBeSent(code)) return protocolError(`a Close frame says ${code}, which must not be sent`);
    const reason = payload.subarray(2);
    this.#textCheck.reset();
    if (!this.#textCheck.push(reason) || !this.#textCheck.isComplete) return NOT_TEXT;
    this.#user.onCloseFrame(code, reason);
    return null;
  }
}

const NOT_TEXT: Fault = { code: CLOSE_CODE.invalidPayload, why: 'text is not UTF-8' };

function tooBig(maxMessageBytes: number): Fault {
  return { code: CLOSE_CODE.tooBig, why: `a message has more than ${maxMessageBytes} octets` };
}
