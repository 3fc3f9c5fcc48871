/** Adds the Engine.IO packets of a WebSocket message or of the body of a request. */

import { SEPARATOR } from '../5-session/engine-io/header.ts';
import { ENGINE_IO, engineBinaryFields, engineFields, engineText } from '../7-application/socket-io/fields.ts';
import type { FrameDissection } from './dissection.ts';

const SEPARATOR_OCTET = SEPARATOR.charCodeAt(0);
/** Packets of one body that are shown. */
const MOST_PACKETS = 1000;

/** A message is one packet. Wireshark knows nothing of it, so that it stands in the tree and not in `frame.protocols`. */
export function addEngineMessage(
  read: FrameDissection,
  bytes: Uint8Array,
  at: number,
  end: number,
  isText: boolean,
): void {
  if (isText) {
    addPacket(read, bytes, at, end);
    return;
  }
  read.add(
    ENGINE_IO,
    bytes,
    at,
    end - at,
    () => `${ENGINE_IO.title} message`,
    () => engineBinaryFields(at, end - at),
  );
  read.protocols.pop();
}

/** A body is a payload: packets with 0x1E between them. */
export function addEnginePayload(read: FrameDissection, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start, count = 0; at < end && count < MOST_PACKETS; count++) {
    let stop = at;
    while (stop < end && bytes[stop] !== SEPARATOR_OCTET) stop++;
    addPacket(read, bytes, at, stop);
    at = stop + 1;
  }
}

function addPacket(read: FrameDissection, bytes: Uint8Array, at: number, end: number): void {
  const text = () => new TextDecoder().decode(bytes.subarray(at, end));
  read.add(
    ENGINE_IO,
    bytes,
    at,
    end - at,
    () => engineText(text()),
    () => engineFields(text(), at, end - at),
  );
  read.protocols.pop();
}
