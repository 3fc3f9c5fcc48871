/** Control packets to octets (MQTT 3.1.1 and 5.0, chapter 3). */

import { Writer } from '../../../wire/writer.ts';
import { PACKET_TYPE, putBinary, putString, putVarint } from './header.ts';
import type { Acknowledgment, Connect, Farewell, Packet, Publish, Subscription, Version } from './packet.ts';
import { putProperties } from './properties.ts';

/** `version`: that of the connection; a CONNECT says its own. */
export function encodePacket(packet: Packet, version: Version): Uint8Array {
  const body = new Writer();
  const flags = putBody(body, packet, packet.type === 'connect' ? packet.version : version);
  const inside = body.done();
  const whole = new Writer();
  whole.u8((PACKET_TYPE[packet.type] << 4) | flags);
  putVarint(whole, inside.length);
  return whole.bytes(inside).done();
}

/** Writes what follows the fixed header, and returns that header's flags. */
function putBody(body: Writer, packet: Packet, version: Version): number {
  switch (packet.type) {
    case 'connect':
      putConnect(body, packet);
      return 0;
    case 'connack':
      body.u8(packet.sessionPresent ? 1 : 0).u8(packet.code);
      if (version === 5) putProperties(body, packet.properties);
      return 0;
    case 'publish':
      return putPublish(body, packet, version);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      putAcknowledgment(body, packet, version);
      return packet.type === 'pubrel' ? 2 : 0;
    case 'subscribe':
      body.u16(packet.id);
      if (version === 5) putProperties(body, packet.properties);
      for (const each of packet.subscriptions) {
        putString(body, each.filter);
        body.u8(version === 5 ? subscriptionOptions(each) : each.qos);
      }
      return 2;
    case 'unsubscribe':
      body.u16(packet.id);
      if (version === 5) putProperties(body, packet.properties);
      for (const filter of packet.filters) putString(body, filter);
      return 2;
    case 'suback':
    case 'unsuback':
      body.u16(packet.id);
      if (version === 5) putProperties(body, packet.properties);
      for (const code of packet.codes) body.u8(code);
      return 0;
    case 'pingreq':
    case 'pingresp':
      return 0;
    case 'disconnect':
    case 'auth':
      if (version === 5) putFarewell(body, packet);
      return 0;
  }
}

function putConnect(body: Writer, packet: Connect): void {
  const { version, will, username, password } = packet;
  putString(body, 'MQTT');
  body.u8(version);
  const willFlags = will ? 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0) : 0;
  body.u8((packet.clean ? 0x02 : 0) | willFlags | (password ? 0x40 : 0) | (username === null ? 0 : 0x80));
  body.u16(packet.keepAliveSeconds);
  if (version === 5) putProperties(body, packet.properties);
  putString(body, packet.clientId);
  if (will) {
    if (version === 5) putProperties(body, will.properties);
    putString(body, will.topic);
    putBinary(body, will.payload);
  }
  if (username !== null) putString(body, username);
  if (password) putBinary(body, password);
}

function putPublish(body: Writer, packet: Publish, version: Version): number {
  putString(body, packet.topic);
  if (packet.qos > 0) body.u16(packet.id);
  if (version === 5) putProperties(body, packet.properties);
  body.bytes(packet.payload);
  return (packet.dup ? 8 : 0) | (packet.qos << 1) | (packet.retain ? 1 : 0);
}

/** "The Reason Code and Property Length can be omitted if the Reason Code is 0x00 and there are no Properties" (3.4.2.1). */
function putAcknowledgment(body: Writer, { id, code, properties }: Acknowledgment, version: Version): void {
  body.u16(id);
  const hasProperties = Object.keys(properties).length > 0;
  if (version !== 5 || (code === 0 && !hasProperties)) return;
  body.u8(code);
  if (hasProperties) putProperties(body, properties);
}

function putFarewell(body: Writer, { code, properties }: Farewell): void {
  const hasProperties = Object.keys(properties).length > 0;
  if (code === 0 && !hasProperties) return;
  body.u8(code);
  if (hasProperties) putProperties(body, properties);
}

function subscriptionOptions({ qos, noLocal, retainAsPublished, retainHandling }: Subscription): number {
  return qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4);
}
