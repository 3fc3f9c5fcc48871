/** Reads WebSocket frames of a connection that was upgraded, and puts their messages together, by Wireshark's rules. */

import { allJoined } from '../../wire/octets.ts';
import { parseExtensions } from '../5-session/websocket/extensions.ts';
import { type SeenFrame, WEBSOCKET, webSocketFields, webSocketInfo } from '../5-session/websocket/fields.ts';
import { decodeFrameHead, headBytesOf, isControl, mask, OPCODE, RSV1 } from '../5-session/websocket/header.ts';
import { Inflater } from '../6-presentation/deflate/inflate.ts';
import { addTextLines } from './content.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { addEngineMessage } from './engine-reader.ts';
import { ONE_MORE_SEGMENT, type StreamReader } from './stream-reader.ts';

/** The frame's length is known from two octets, or from those and what they announce. */
const LEAST_BYTES = 2;
/** A message greater than this is not put together: what watches must not fill memory. */
const GREATEST_MESSAGE_BYTES = 64 * 1024 * 1024;
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** One direction. */
interface Way {
  readonly inflater: Inflater | null;
  parts: Uint8Array[];
  frames: number[];
  opcode: number;
}

/** What was agreed on, as the 101 says it. */
export interface UpgradeSeen {
  /** `Sec-WebSocket-Extensions`; empty: none. */
  readonly extensions: string;
  /** The request asked for a session of Engine.IO. */
  readonly isEngineIo: boolean;
}

export class WebSocketReader {
  readonly #isEngineIo: boolean;
  readonly #client: Way;
  readonly #server: Way;

  constructor({ extensions, isEngineIo }: UpgradeSeen) {
    this.#isEngineIo = isEngineIo;
    const deflate = parseExtensions(extensions)?.find(({ name }) => name === 'permessage-deflate');
    const keeps = (who: string) => !deflate?.parameters.some(([name]) => name === `${who}_no_context_takeover`);
    const way = (who: string): Way => ({
      inflater: deflate ? new Inflater(keeps(who)) : null,
      parts: [],
      frames: [],
      opcode: OPCODE.continuation,
    });
    this.#client = way('client');
    this.#server = way('server');
  }

  readonly read: StreamReader = (read, { bytes, at: start, end, notes }) => {
    for (let at = start; at < end; ) {
      if (end - at < LEAST_BYTES) return { from: at, more: ONE_MORE_SEGMENT };
      if (end - at < headBytesOf(bytes[at + 1] as number)) return { from: at, more: ONE_MORE_SEGMENT };
      const head = decodeFrameHead(bytes, at);
      const next = at + head.headBytes + head.payloadBytes;
      if (next - at > GREATEST_MESSAGE_BYTES) {
        addData(read, bytes, at, end);
        return null;
      }
      if (next > end) return { from: at, more: next - end };
      notes.pduBytes.push(next - at);
      this.#frame(read, bytes, at, next, at > start);
      at = next;
    }
    return null;
  };

  #frame(read: FrameDissection, bytes: Uint8Array, at: number, end: number, isAnother: boolean): void {
    const head = decodeFrameHead(bytes, at);
    const way = head.maskingKey ? this.#client : this.#server;
    const payload = bytes.slice(at + head.headBytes, end);
    if (head.maskingKey) mask(payload, 0, payload.length, head.maskingKey, 0);
    const joined = isControl(head.opcode) ? null : this.#join(read, way, head, payload);
    const message = joined && (head.rsv & RSV1 && way.inflater ? inflated(way.inflater, joined.bytes) : joined.bytes);
    const seen: SeenFrame = {
      head,
      bytes,
      at,
      payload,
      hasDeflate: way.inflater !== null,
      message,
      messageOpcode: way.opcode,
      fragments: joined && joined.frames.length > 1 ? { frames: joined.frames, bytes: joined.bytes.length } : null,
    };
    read.setProtocol('WebSocket');
    read.setInfo(webSocketInfo(head));
    read.add(
      WEBSOCKET,
      bytes,
      at,
      end - at,
      () => WEBSOCKET.name,
      () => webSocketFields(seen),
    );
    if (isAnother) read.protocols.pop();
    if (!message || message.length === 0 || head.opcode > OPCODE.binary) return;
    this.#content(read, way.opcode === OPCODE.text, message, bytes, at + head.headBytes, end);
  }

  /** The message in the frame's own octets where they are it, so that its place is known. */
  #content(
    read: FrameDissection,
    isText: boolean,
    message: Uint8Array,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): void {
    const isPlain = message.length === end - at && message.every((octet, index) => octet === bytes[at + index]);
    const [source, from, to] = isPlain ? [bytes, at, end] : [message, 0, message.length];
    if (isText) addTextLines(read, source, from, to);
    else addData(read, source, from, to);
    if (this.#isEngineIo) addEngineMessage(read, source, from, to, isText);
  }

  /** Null until the message is whole. */
  #join(
    read: FrameDissection,
    way: Way,
    head: ReturnType<typeof decodeFrameHead>,
    payload: Uint8Array,
  ): { readonly bytes: Uint8Array; readonly frames: readonly number[] } | null {
    if (head.opcode !== OPCODE.continuation) {
      way.parts = [];
      way.frames = [];
      way.opcode = head.opcode;
    }
    way.parts.push(payload);
    way.frames.push(read.frame.number);
    if (!head.fin) return null;
    const whole = allJoined(way.parts);
    const { frames } = way;
    way.parts = [];
    way.frames = [];
    return { bytes: whole, frames };
  }
}

function inflated(inflater: Inflater, bytes: Uint8Array): Uint8Array | null {
  const whole = new Uint8Array(bytes.length + TAIL.length);
  whole.set(bytes);
  whole.set(TAIL, bytes.length);
  const message = inflater.inflate(whole, GREATEST_MESSAGE_BYTES);
  return typeof message === 'string' ? null : message;
}
