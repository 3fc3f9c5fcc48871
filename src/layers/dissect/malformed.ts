/** Wireshark's `_ws.malformed`: from here on the packet could not be read. */

import type { FrameDissection, Protocol } from './dissection.ts';

export const MALFORMED: Protocol = {
  name: '_ws.malformed',
  title: 'Malformed Packet',
  layer: 7,
  meaning: 'The octets are not what the protocol says they are; reading stopped there.',
};

/** Says that what `protocol` (`DNS`) holds could not be read to its end. */
export function addMalformed(read: FrameDissection, protocol: string, bytes: Uint8Array, at: number): void {
  read.appendInfo('[Malformed Packet]');
  addRemark(read, bytes, at, `[Malformed Packet: ${protocol}]`);
}

/** Says why the packet could not be read on. */
export function addRemark(read: FrameDissection, bytes: Uint8Array, at: number, text: string): void {
  read.add(
    MALFORMED,
    bytes,
    at,
    0,
    () => text,
    () => [],
  );
  read.protocols.pop();
}
