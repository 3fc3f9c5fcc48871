/** Puts together what comes on one channel: a method alone, or a method, its content header, and its body in pieces. */

import { allJoined } from '../../../wire/octets.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../limits.ts';
import { type BasicProperties, decodeContentHeader } from './content.ts';
import { FRAME_TYPE, type Frame } from './header.ts';
import { decodeMethod, type Method } from './methods.ts';
import { AmqpProblem, REPLY } from './reply.ts';

export interface Content {
  readonly properties: BasicProperties;
  readonly body: Uint8Array;
}

const WITH_CONTENT: ReadonlySet<Method['name']> = new Set<Method['name']>([
  'basic.publish',
  'basic.return',
  'basic.deliver',
  'basic.get-ok',
]);

export class ContentAssembly {
  #method: Method | null = null;
  #properties: BasicProperties | null = null;
  #bodyBytes = 0;
  #pieces: Uint8Array[] = [];
  #havingBytes = 0;

  /** The whole that a frame completes; null: more frames are needed. */
  add(frame: Frame): { readonly method: Method; readonly content: Content | null } | AmqpProblem | null {
    if (frame.type === FRAME_TYPE.method) return this.#addMethod(frame);
    if (frame.type === FRAME_TYPE.header) return this.#addHeader(frame);
    return this.#addBody(frame);
  }

  #addMethod({ payload }: Frame): ReturnType<ContentAssembly['add']> {
    if (this.#method) return new AmqpProblem(REPLY.unexpectedFrame, 'a method where a content was to come');
    const method = decodeMethod(payload);
    if (method instanceof AmqpProblem) return method;
    if (!WITH_CONTENT.has(method.name)) return { method, content: null };
    this.#method = method;
    return null;
  }

  #addHeader({ payload }: Frame): ReturnType<ContentAssembly['add']> {
    if (!this.#method || this.#properties)
      return new AmqpProblem(REPLY.unexpectedFrame, 'a content header out of place');
    const header = decodeContentHeader(payload);
    if (header instanceof AmqpProblem) return header;
    if (header.bodyBytes > MAX_QUEUE_MESSAGE_BYTES) {
      const why = `a message of ${header.bodyBytes} octets, where at most ${MAX_QUEUE_MESSAGE_BYTES} are taken`;
      return new AmqpProblem(REPLY.preconditionFailed, why);
    }
    this.#properties = header.properties;
    this.#bodyBytes = header.bodyBytes;
    return this.#finish();
  }

  #addBody({ payload }: Frame): ReturnType<ContentAssembly['add']> {
    if (!this.#properties) return new AmqpProblem(REPLY.unexpectedFrame, 'a body out of place');
    this.#havingBytes += payload.length;
    if (this.#havingBytes > this.#bodyBytes) {
      return new AmqpProblem(REPLY.frameError, `a body longer than the ${this.#bodyBytes} octets announced`);
    }
    this.#pieces.push(payload);
    return this.#finish();
  }

  #finish(): ReturnType<ContentAssembly['add']> {
    if (!this.#method || !this.#properties || this.#havingBytes < this.#bodyBytes) return null;
    const body = allJoined(this.#pieces);
    const whole = { method: this.#method, content: { properties: this.#properties, body } };
    this.#method = null;
    this.#properties = null;
    this.#pieces = [];
    this.#havingBytes = 0;
    return whole;
  }
}
