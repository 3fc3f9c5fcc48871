/**
 * Which layer 7 messages are nobody's but the session's own: it needs them to begin, to live and to count. People who ask
 * how many messages were delivered mean the others: what an application had to say.
 */

import type { Decoded, Encoded } from '../kernel/journal.ts';
import { PACKET_TYPE } from '../layers/7-application/mqtt/header.ts';
import { FRAME_HEADER_BYTES, FRAME_TYPE } from '../layers/7-application/queue/header.ts';

/** `part`: octets of the message before it, sent apart from it. */
export type Purpose = 'message' | 'part' | 'housekeeping';

/** AMQP 0-9-1, class basic: publish, return, deliver, get-ok. */
const BASIC = 60;
const WITH_CONTENT = [40, 50, 60, 71];

/** RFC 6455 section 4: the opening handshake. */
const UPGRADE = /^(HTTP\/1\.1 101 |GET .*\r\nUpgrade: *websocket\r\n)/is;
/** Requests of Engine.IO carry its version in the query. */
const OF_ENGINE_IO = /^\S+ \S*[?&]EIO=/;
const HEAD_BYTES = 4096;

/** Socket.IO protocol 5: EVENT, ACK and their BINARY forms, which say how many attachments follow. */
const WITH_DATA = /^[2356]/;
const WITH_ATTACHMENTS = /^[56](\d+)-/;

/** Of the messages that one end sent in a conversation, in their order. `ofEngineIo`: its HTTP is Engine.IO that polls. */
export function purposesOf(sent: readonly Encoded[], ofEngineIo: boolean): Purpose[] {
  let attachments = 0;
  return sent.map((event) => {
    if (attachments > 0) {
      attachments--;
      return 'part';
    }
    if (event.protocol === 'amqp' && isContentFrame(event.bytes)) return 'part';
    const [, following] = event.protocol === 'socket-io' ? (WITH_ATTACHMENTS.exec(headOf(event.bytes)) ?? []) : [];
    attachments = Number(following ?? 0);
    return isHousekeeping(event, ofEngineIo) ? 'housekeeping' : 'message';
  });
}

export function isEngineIoRequest({ protocol, bytes }: Encoded | Decoded): boolean {
  return protocol === 'http' && OF_ENGINE_IO.test(headOf(bytes));
}

function isHousekeeping({ protocol, bytes }: Encoded, ofEngineIo: boolean): boolean {
  switch (protocol) {
    case 'http':
      return ofEngineIo || UPGRADE.test(headOf(bytes));
    case 'socket-io':
      return !WITH_DATA.test(headOf(bytes));
    case 'mqtt':
      return (bytes[0] ?? 0) >> 4 !== PACKET_TYPE.publish;
    case 'amqp':
      return !hasContent(bytes);
    default:
      return false;
  }
}

function isContentFrame(bytes: Uint8Array): boolean {
  return bytes[0] === FRAME_TYPE.header || bytes[0] === FRAME_TYPE.body;
}

function hasContent(bytes: Uint8Array): boolean {
  const word = (at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const isMethod = bytes[0] === FRAME_TYPE.method && word(FRAME_HEADER_BYTES) === BASIC;
  return isMethod && WITH_CONTENT.includes(word(FRAME_HEADER_BYTES + 2));
}

function headOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
}
