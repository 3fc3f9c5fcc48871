/**
 * Packets and payloads of the Engine.IO protocol, revision 4 (socketio/engine.io-protocol). A packet of text is its
 * type's digit and its data, `4hello`; one of octets is a binary WebSocket message as it is, and `b` with base64 in a
 * payload. A payload is what one HTTP request or response of long-polling carries: packets with 0x1E between them.
 */

import { type Malformed, malformed } from '../../../wire/reader.ts';

export const PACKET_TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'] as const;
type PacketType = (typeof PACKET_TYPES)[number];

export interface Packet {
  readonly type: PacketType;
  /** Octets only in messages. */
  readonly data: string | Uint8Array;
}

export const SEPARATOR = '\x1e';
/** A payload of a million empty packets costs its reader a hundred times its size (bad-input E12). */
export const MAX_PACKETS = 10_000;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** As it stands in a payload or a text message. */
function encodePacket({ type, data }: Packet): string {
  if (typeof data === 'string') return `${PACKET_TYPES.indexOf(type)}${data}`;
  return `b${Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64')}`;
}

export function decodePacket(text: string): Packet | Malformed {
  if (text.startsWith('b')) {
    const base64 = text.slice(1);
    if (!BASE64.test(base64)) return malformed(1, 'it is not base64');
    return { type: 'message', data: Uint8Array.from(Buffer.from(base64, 'base64')) };
  }
  // Index 0 is 'open'; a character that is no digit has no place in the list.
  const type = /^[0-6]/.test(text) ? PACKET_TYPES[Number(text[0])] : undefined;
  if (!type) return malformed(0, text === '' ? 'a packet is empty' : 'a packet has no known type');
  return { type, data: text.slice(1) };
}

export function encodePayload(packets: readonly Packet[]): string {
  return packets.map(encodePacket).join(SEPARATOR);
}

export function decodePayload(text: string): readonly Packet[] | Malformed {
  const packets: Packet[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf(SEPARATOR, at);
    const packet = decodePacket(text.slice(at, end < 0 ? text.length : end));
    if ('malformed' in packet) return malformed(at + packet.at, packet.malformed);
    if (packets.length >= MAX_PACKETS) return malformed(at, `a payload has more than ${MAX_PACKETS} packets`);
    packets.push(packet);
    if (end < 0) return packets;
    at = end + 1;
  }
}

/** The octets of a packet as a WebSocket message carries it. */
export function packetBytes(packet: Packet): Uint8Array {
  return typeof packet.data === 'string' ? new TextEncoder().encode(encodePacket(packet)) : packet.data;
}

/** What the server says first: JSON in the `open` packet. Times in ms. */
export interface Handshake {
  readonly sid: string;
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
}

export function encodeHandshake({ sid, upgrades, pingInterval, pingTimeout, maxPayload }: Handshake): string {
  return JSON.stringify({ sid, upgrades, pingInterval, pingTimeout, maxPayload });
}

/** Null where it is no handshake. Longer times than a day, or none, are not believed. */
export function decodeHandshake(text: string): Handshake | null {
  if (text.length > 10_000) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = value as Record<string, unknown>;
  const isSound =
    typeof sid === 'string' &&
    /^[\w-]{1,64}$/.test(sid) &&
    Array.isArray(upgrades) &&
    isCount(pingInterval) &&
    isCount(pingTimeout) &&
    (maxPayload === undefined || isCount(maxPayload));
  if (!isSound) return null;
  const names = upgrades.filter((each): each is string => typeof each === 'string');
  return { sid, upgrades: names, pingInterval, pingTimeout, maxPayload: maxPayload ?? 0 };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 86_400_000;
}
