/**
 * Packets of the Socket.IO protocol, revision 5 (socketio/socket.io-protocol): `type[attachments-][/namespace,][id][json]`,
 * and behind that the attachments, each a message of its own, which stand in the JSON as `{"_placeholder":true,"num":0}`.
 */

import { type Malformed, malformed } from '../../../wire/reader.ts';

export const PACKET_TYPES = [
  'CONNECT',
  'DISCONNECT',
  'EVENT',
  'ACK',
  'CONNECT_ERROR',
  'BINARY_EVENT',
  'BINARY_ACK',
] as const;
type PacketType = 'CONNECT' | 'DISCONNECT' | 'EVENT' | 'ACK' | 'CONNECT_ERROR';

/** What events carry: JSON, with octets in it. */
export type Json = null | boolean | number | string | Uint8Array | readonly Json[] | { readonly [name: string]: Json };

export interface Packet {
  readonly type: PacketType;
  /** From `/` on. */
  readonly namespace: string;
  /** Asks for an ACK, or is one. */
  readonly id: number | null;
  /** An event's name and arguments, an ACK's arguments, a handshake's or an error's object. */
  readonly data: Json | undefined;
}

export const MAX_ATTACHMENTS = 10;
export const MAX_NAMESPACE = 1024;
export const MAX_DEPTH = 64;
/** Names that the library keeps for itself: a peer that sends one would play with its host's own events. */
const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

/** The text, and the attachments that follow it. */
export function encodePacket({ type, namespace, id, data }: Packet): readonly [string, ...Uint8Array[]] {
  const attachments: Uint8Array[] = [];
  const plain = data === undefined ? undefined : withPlaceholders(data, attachments);
  const isBinary = attachments.length > 0;
  const code = PACKET_TYPES.indexOf(type) + (isBinary ? 3 : 0);
  let text = isBinary ? `${code}${attachments.length}-` : String(code);
  if (namespace !== '/') text += `${namespace},`;
  if (id !== null) text += id;
  if (plain !== undefined) text += JSON.stringify(plain);
  return [text, ...attachments];
}

function withPlaceholders(data: Json, attachments: Uint8Array[]): Json {
  if (data instanceof Uint8Array) {
    attachments.push(data);
    return { _placeholder: true, num: attachments.length - 1 };
  }
  if (Array.isArray(data)) return data.map((each: Json) => withPlaceholders(each, attachments));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, withPlaceholders(each, attachments)]));
}

/** A packet whose attachments are still to come. */
export interface Incomplete {
  readonly packet: Packet;
  readonly attachments: number;
}

/** Reads the text of a packet. */
export function decodePacket(text: string): Incomplete | Malformed {
  const code = /^[0-6]/.test(text) ? Number(text[0]) : -1;
  const name = PACKET_TYPES[code];
  if (!name) return malformed(0, text === '' ? 'a packet is empty' : 'a packet has no known type');
  let at = 1;
  let attachments = 0;
  if (code >= 5) {
    const [whole, digits = ''] = /^(\d{1,3})-/.exec(text.slice(at, at + 5)) ?? [];
    attachments = Number(digits);
    if (whole === undefined || attachments < 1) return malformed(at, 'the number of attachments cannot be read');
    if (attachments > MAX_ATTACHMENTS) return malformed(at, `more than ${MAX_ATTACHMENTS} attachments`);
    at += whole.length;
  }
  let path = '/';
  if (text[at] === '/') {
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    if (end - at > MAX_NAMESPACE) return malformed(at, 'the namespace is too long');
    path = text.slice(at, end);
    at = comma < 0 ? end : end + 1;
  }
  const [digits = ''] = /^\d+/.exec(text.slice(at, at + 20)) ?? [];
  const id = digits === '' ? null : Number(digits);
  if (id !== null && !Number.isSafeInteger(id)) return malformed(at, 'the id is too large');
  at += digits.length;
  const data = parseJson(text.slice(at));
  if (data !== undefined && isProblem(data)) return malformed(at, data.problem);
  const type = (name === 'BINARY_EVENT' ? 'EVENT' : name === 'BINARY_ACK' ? 'ACK' : name) as PacketType;
  const packet = { type, namespace: path, id, data: data?.value };
  const problem = problemOf(packet);
  return problem === null ? { packet, attachments } : malformed(at, problem);
}

function isProblem(result: object): result is { readonly problem: string } {
  return 'problem' in result;
}

/** Undefined: there is nothing. The depth is looked at first, for `JSON.parse` would end in a full stack. */
function parseJson(text: string): { readonly value: Json } | { readonly problem: string } | undefined {
  if (text === '') return undefined;
  if (depthOf(text) > MAX_DEPTH) return { problem: `the data is nested deeper than ${MAX_DEPTH}` };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem: 'the data is not JSON' };
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isString) {
      if (character === '\\') at++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

function problemOf({ type, id, data }: Packet): string | null {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  switch (type) {
    case 'CONNECT':
      return data === undefined || isObject ? null : 'a CONNECT packet carries an object or nothing';
    case 'DISCONNECT':
      return data === undefined ? null : 'a DISCONNECT packet carries nothing';
    case 'CONNECT_ERROR':
      return isObject || typeof data === 'string' ? null : 'a CONNECT_ERROR packet carries an object or text';
    case 'ACK':
      return Array.isArray(data) && id !== null ? null : 'an ACK packet carries an id and a list';
    case 'EVENT': {
      const name = Array.isArray(data) ? data[0] : undefined;
      if (typeof name !== 'string') return 'an event is a list that begins with its name';
      return RESERVED.has(name) ? `the event name ${name} is reserved` : null;
    }
  }
}

/** Puts the attachments where their placeholders stand: each number in range, and none twice. */
export function withAttachments(packet: Packet, attachments: readonly Uint8Array[]): Packet | Malformed {
  const used = new Set<number>();
  let isIllegal = false;
  const fill = (data: Json): Json => {
    if (Array.isArray(data)) return data.map(fill);
    if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return data;
    const { _placeholder: isPlaceholder, num } = data as { readonly [name: string]: Json };
    if (isPlaceholder === true) {
      const attachment = typeof num === 'number' && !used.has(num) ? attachments[num] : undefined;
      if (typeof num === 'number') used.add(num);
      if (attachment) return attachment;
      isIllegal = true;
      return null;
    }
    return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, fill(each)]));
  };
  const data = packet.data === undefined ? undefined : fill(packet.data);
  return isIllegal ? malformed(0, 'illegal attachments') : { ...packet, data };
}
