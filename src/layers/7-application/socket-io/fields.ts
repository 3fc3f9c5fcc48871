/** Engine.IO and Socket.IO packets, which Wireshark does not know: fields of our own under `io`. */

import { decodePacket, PACKET_TYPES } from '../../5-session/engine-io/header.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { decodePacket as decodeSocketPacket, PACKET_TYPES as SOCKET_TYPES } from './header.ts';

export const ENGINE_IO: Protocol = {
  name: 'io',
  title: 'Engine.IO',
  layer: 5,
  meaning: 'A session over requests or a WebSocket, and the events of Socket.IO in it.',
};

export const ENGINE_IO_FIELDS = fieldTable(5, 'io', {
  type: ['string', 'Engine.IO packet', 'open, close, ping, pong, message, upgrade or noop.'],
  packet: ['string', 'Socket.IO packet', 'CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT or BINARY_ACK.'],
  nsp: ['string', 'Namespace', 'What the packet belongs to of what shares the connection.'],
  id: ['unsigned', 'Acknowledgement id', 'Asks for an acknowledgement, or is one.'],
  event: ['string', 'Event', 'The name of the event.'],
  data: ['string', 'Data', 'What it carries, as text.'],
});

/** Fields of one packet of text, `length` octets at `at`. */
export function engineFields(text: string, at: number, length: number): Field[] {
  const F = ENGINE_IO_FIELDS;
  const packet = decodePacket(text);
  if ('malformed' in packet) return [];
  const digits = Math.min(1, length);
  const fields = [field(F.type, packet.type, at, digits, `${packet.type} (${PACKET_TYPES.indexOf(packet.type)})`)];
  if (typeof packet.data !== 'string') return fields;
  if (packet.type !== 'message') {
    return packet.data === '' ? fields : [...fields, field(F.data, packet.data, at + 1, length - 1)];
  }
  return [...fields, ...socketFields(packet.data, at + 1, length - 1)];
}

/** Octets that a WebSocket carries as they are. */
export function engineBinaryFields(at: number, length: number): Field[] {
  return [field(ENGINE_IO_FIELDS.type, 'message', at, length, 'message, octets')];
}

function socketFields(text: string, at: number, length: number): Field[] {
  const F = ENGINE_IO_FIELDS;
  const read = decodeSocketPacket(text);
  if ('malformed' in read) return [field(F.data, text, at, length)];
  const { namespace, id, data } = read.packet;
  const type = SOCKET_TYPES[Number(text[0])] ?? read.packet.type;
  const fields = [
    field(F.packet, type, at, 1),
    field(F.nsp, namespace, at + 1, namespace === '/' ? 0 : namespace.length),
  ];
  if (id !== null) fields.push(field(F.id, id, at, 0));
  const [name] = Array.isArray(data) ? data : [];
  if (read.packet.type === 'EVENT' && typeof name === 'string') fields.push(field(F.event, name, at, 0));
  if (data !== undefined) fields.push(field(F.data, JSON.stringify(data), at, 0));
  return fields;
}

/** `Engine.IO message, Socket.IO EVENT say`. */
export function engineText(text: string): string {
  const packet = decodePacket(text);
  if ('malformed' in packet) return ENGINE_IO.title;
  const line = `${ENGINE_IO.title} ${packet.type}`;
  if (packet.type !== 'message' || typeof packet.data !== 'string') return line;
  const read = decodeSocketPacket(packet.data);
  if ('malformed' in read) return line;
  const { type, data } = read.packet;
  const [name] = Array.isArray(data) ? data : [];
  return `${line}, Socket.IO ${type}${type === 'EVENT' && typeof name === 'string' ? ` ${name}` : ''}`;
}
