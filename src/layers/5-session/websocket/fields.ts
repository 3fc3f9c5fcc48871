/** WebSocket frames as Wireshark shows them (RFC 6455 section 5.2, RFC 7692 section 6). */

import { u16 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { type FrameHead, OPCODE } from './header.ts';

export const WEBSOCKET: Protocol = {
  name: 'websocket',
  title: 'WebSocket',
  layer: 5,
  meaning: 'Carries messages both ways over one connection that began as HTTP.',
};

export const WEBSOCKET_FIELDS = fieldTable(5, 'websocket', {
  fin: ['boolean', 'Fin', 'This frame ends its message.'],
  rsv: ['unsigned', 'Reserved', 'Three bits that extensions give a meaning; as they stand in the octet.', 'hex2'],
  pmc: ['boolean', 'Per-Message Compressed', 'The message is compressed (RFC 7692).'],
  opcode: ['unsigned', 'Opcode', 'What the frame is: text, binary, a continuation of them, or control.'],
  mask: ['boolean', 'Mask', 'The payload is masked, as it must be from a client.'],
  payload_length: ['unsigned', 'Payload length', 'Octets of payload; 126 and 127: they stand in 16 or 64 bits behind.'],
  payload_length_ext_16: ['unsigned', 'Extended Payload length (16 bits)', 'Octets of payload, 126 to 65,535.'],
  payload_length_ext_64: ['unsigned', 'Extended Payload length (64 bits)', 'Octets of payload, 65,536 and more.'],
  masking_key: ['bytes', 'Masking-Key', 'The payload is XORed with these four octets again and again.'],
  payload: ['none', 'Payload', 'The frame has a payload.'],
  masked_payload: ['none', 'Masked payload', 'The payload is masked.'],
  'payload.continue': ['bytes', 'Continue', 'A part of a message, neither its first nor its last.'],
  'payload.text': ['string', 'Text', 'A text message.'],
  'payload.close': ['none', 'Close', 'Why it closes.'],
  'payload.close.status_code': ['unsigned', 'Status code', 'Why it closes, as a number.'],
  'payload.close.reason': ['string', 'Reason', 'Why it closes, in words.'],
  'payload.ping': ['bytes', 'Ping', 'What a Pong must say too.'],
  'payload.pong': ['bytes', 'Pong', 'What the Ping said.'],
  'payload.unknown': ['bytes', 'Unknown', 'The payload of a frame that has no defined meaning.'],
  fragments: ['none', 'Reassembled websocket Fragments', 'With this frame a message of several became whole.'],
  fragment: ['unsigned', 'Websocket Fragment', 'A frame of the capture that brought a part of the message.'],
  'fragment.count': ['unsigned', 'Fragment count', 'How many frames the message came in.'],
  'reassembled.length': ['unsigned', 'Reassembled websocket Payload length', 'Octets of the message.'],
});

/** A frame with what is known besides its octets. */
export interface SeenFrame {
  readonly head: FrameHead;
  /** bytes[at..): head, then payload. */
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Not masked any more. */
  readonly payload: Uint8Array;
  /** permessage-deflate was agreed on. */
  readonly hasDeflate: boolean;
  /** The whole message, decompressed, when this frame ends it; null: it does not, or it could not be decompressed. */
  readonly message: Uint8Array | null;
  /** Of the message that it ends or is part of. */
  readonly messageOpcode: number;
  /** Where the parts of a message of several frames came from; null unless this frame ends one. */
  readonly fragments: { readonly frames: readonly number[]; readonly bytes: number } | null;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [OPCODE.continuation, 'Continuation'],
  [OPCODE.text, 'Text'],
  [OPCODE.binary, 'Binary'],
  [OPCODE.close, 'Connection Close'],
  [OPCODE.ping, 'Ping'],
  [OPCODE.pong, 'Pong'],
]);

/** `WebSocket Text [FIN] [MASKED]`, blanks as tshark sets them. */
export function webSocketInfo({ fin, opcode, maskingKey }: FrameHead): string {
  const name = NAMES.get(opcode) ?? 'Unknown Opcode';
  return `WebSocket ${name}${fin ? ' [FIN]' : '[FRAGMENT] '} ${maskingKey ? '[MASKED]' : ''}`;
}

export function webSocketFields(seen: SeenFrame): Field[] {
  const F = WEBSOCKET_FIELDS;
  const { head, bytes, at, payload, hasDeflate, fragments } = seen;
  const { fin, rsv, opcode, maskingKey, headBytes } = head;
  const short = (bytes[at + 1] as number) & 0x7f;
  const name = NAMES.get(opcode) ?? 'Unknown';
  const fields = [bitField(F.fin, fin, at, 1, 0, 1), bitField(F.rsv, rsv, at, 1, 1, 3)];
  if (hasDeflate) fields.push(bitField(F.pmc, (rsv & 4) !== 0, at, 1, 1, 1));
  fields.push(bitField(F.opcode, opcode, at, 1, 4, 4, `${name} (${opcode})`));
  fields.push(bitField(F.mask, maskingKey !== null, at + 1, 1, 0, 1));
  fields.push(bitField(F.payload_length, short, at + 1, 1, 1, 7));
  if (short === 126) fields.push(field(F.payload_length_ext_16, head.payloadBytes, at + 2, 2));
  if (short === 127) fields.push(field(F.payload_length_ext_64, head.payloadBytes, at + 2, 8));
  const payloadAt = at + headBytes;
  if (maskingKey) fields.push(field(F.masking_key, maskingKey, payloadAt - 4, 4));
  if (payload.length === 0) return fields;
  if (maskingKey) fields.push(field(F.masked_payload, null, payloadAt, payload.length));
  if (fragments) {
    fields.push(field(F.fragments, null, payloadAt, 0));
    for (const frame of fragments.frames) fields.push(field(F.fragment, frame, payloadAt, 0));
    fields.push(field(F['fragment.count'], fragments.frames.length, payloadAt, 0));
    fields.push(field(F['reassembled.length'], fragments.bytes, payloadAt, 0));
  }
  fields.push(field(F.payload, null, payloadAt, payload.length));
  return [...fields, ...payloadFields(seen, payloadAt)];
}

function payloadFields({ head, payload, message, messageOpcode }: SeenFrame, at: number): Field[] {
  const F = WEBSOCKET_FIELDS;
  const { length } = payload;
  switch (head.opcode) {
    case OPCODE.ping:
      return [field(F['payload.ping'], payload, at, length)];
    case OPCODE.pong:
      return [field(F['payload.pong'], payload, at, length)];
    case OPCODE.close: {
      const fields = [field(F['payload.close'], null, at, length)];
      if (length >= 2) fields.push(field(F['payload.close.status_code'], u16(payload, 0), at, 2));
      if (length > 2) fields.push(field(F['payload.close.reason'], textOf(payload.subarray(2)), at + 2, length - 2));
      return fields;
    }
    case OPCODE.continuation:
      if (!head.fin) return [field(F['payload.continue'], payload, at, length)];
      break;
    case OPCODE.text:
    case OPCODE.binary:
      break;
    default:
      return [field(F['payload.unknown'], payload, at, length)];
  }
  return message && messageOpcode === OPCODE.text ? [field(F['payload.text'], textOf(message), at, length)] : [];
}

/** What is no UTF-8 becomes U+FFFD. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
