/** Reads the MQTT packets of a connection. */

import { isMalformed } from '../../wire/reader.ts';
import { MQTT, mqttFields, mqttInfo, mqttText, type SeenPacket } from '../7-application/mqtt/fields.ts';
import { readFixedHeader } from '../7-application/mqtt/header.ts';
import type { FrameDissection } from './dissection.ts';
import { type Demand, ONE_MORE_SEGMENT, type StreamReader } from './stream-reader.ts';

/** Where a CONNECT says its version: behind the fixed header and the name `MQTT` with its length. */
const VERSION_AT = 6;

/** A reader for one connection; what its CONNECT says holds for both directions. */
export function mqttReader(): StreamReader {
  let version = 4;
  return (read, { bytes, at: start, end, notes }) => {
    const wait = (from: number, more: number): Demand => {
      // Wireshark clears the column before it knows whether a packet is whole.
      if (from === start && isFirst(read)) read.setInfo('');
      return { from, more };
    };
    for (let at = start; at < end; ) {
      const header = readFixedHeader(bytes, at, end);
      if (!header) return wait(at, ONE_MORE_SEGMENT);
      // Nobody knows where the next packet would begin.
      if (isMalformed(header)) return null;
      const next = at + header.headerBytes + header.remaining;
      if (next > end) return wait(at, next - end);
      notes.pduBytes.push(next - at);
      if (header.type === 1) version = bytes[at + header.headerBytes + VERSION_AT] ?? version;
      addPacket(read, { bytes, at, end: next, header, version }, at > start);
      at = next;
    }
    return null;
  };
}

function addPacket(read: FrameDissection, packet: SeenPacket, isNext: boolean): void {
  const { bytes, at, end } = packet;
  const isOnly = isFirst(read);
  read.setProtocol('MQTT');
  const info = { listed: () => mqttInfo(packet) };
  if (isOnly) read.setInfo(info);
  else read.appendInfo(info);
  read.add(
    MQTT,
    bytes,
    at,
    end - at,
    () => mqttText(packet),
    () => mqttFields(packet),
  );
  if (isNext) read.protocols.pop();
}

/** No MQTT packet of this frame has been read. */
function isFirst({ layers }: FrameDissection): boolean {
  return layers.every(({ protocol }) => protocol !== MQTT.name);
}
