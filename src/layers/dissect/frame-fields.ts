/** The frame itself: when, where and how long. Wireshark's pseudo-protocol `frame`. */

import type { Field } from '../field.ts';
import type { FrameDissection, Protocol } from './dissection.ts';
import { field, fieldTable } from './field-table.ts';

export const FRAME: Protocol = {
  name: 'frame',
  title: 'Frame',
  layer: 1,
  meaning: 'The frame as it was captured: when, where and how many octets.',
};

export const FRAME_FIELDS = fieldTable(1, 'frame', {
  interface_id: ['unsigned', 'Interface id', 'The number of the interface that saw the frame.'],
  interface_name: ['string', 'Interface name', 'The name of the interface that saw the frame.'],
  packet_flags: ['unsigned', 'Packet flags', 'What the capture file says of the frame besides its octets.', 'hex8'],
  packet_flags_direction: ['unsigned', 'Direction', 'As the interface saw it: 1 inbound, 2 outbound.', 'hex8'],
  encap_type: ['signed', 'Encapsulation type', 'The kind of link; 1 is Ethernet.'],
  time_epoch: ['time', 'Epoch Time', 'When the frame was seen, since 1970-01-01T00:00:00Z.'],
  time_delta: ['time', 'Time delta from previous captured frame', 'How long after the frame before it.'],
  time_relative: ['time', 'Time since reference or first frame', 'How long after the first frame.'],
  number: ['unsigned', 'Frame Number', 'The place of the frame in the capture, from 1.'],
  len: ['unsigned', 'Frame length on the wire', 'Octets from the destination address to the FCS.'],
  cap_len: ['unsigned', 'Frame length stored into the capture file', 'Octets that the capture kept.'],
  protocols: ['string', 'Protocols in frame', 'The protocols that were found, from the outside to the inside.'],
  comment: ['string', 'Comment', 'What somebody noted on the frame; here, why it was lost.'],
});

/** When a frame was seen, against others and against the calendar. */
export interface FrameTimes {
  readonly sinceFirstNs: number;
  readonly sincePreviousNs: number;
  /** What atNs counts from, in ns since 1970. */
  readonly epochNs: bigint;
}

export function frameText({ frame }: FrameDissection): string {
  const { number, bytes } = frame;
  const wire = frame.originalLength ?? bytes.length;
  const octets = (count: number) => `${count} bytes`;
  let text = `Frame ${number}: ${octets(wire)} on wire (${wire * 8} bits), `;
  text += `${octets(bytes.length)} captured (${bytes.length * 8} bits)`;
  if (frame.interfaceId !== undefined) {
    text += ` on interface ${frame.interfaceName ?? 'unknown'}, id ${frame.interfaceId}`;
  }
  return frame.direction ? `${text} (${frame.direction})` : text;
}

/** Wireshark's numbers of link types, by libpcap's. */
const ENCAPSULATIONS: ReadonlyMap<number, number> = new Map([
  [0, 15],
  [1, 1],
  [12, 7],
  [14, 7],
  [101, 7],
  [108, 174],
  [113, 25],
  [228, 129],
  [229, 130],
  [276, 210],
]);

export function frameFields(dissection: FrameDissection, times: FrameTimes): Field[] {
  const { frame, protocols } = dissection;
  const T = FRAME_FIELDS;
  const fields: Field[] = [];
  const add = (type: (typeof T)[keyof typeof T], value: Field['value']) => fields.push(field(type, value, 0, 0));
  if (frame.comment) add(T.comment, frame.comment);
  if (frame.interfaceId !== undefined) add(T.interface_id, frame.interfaceId);
  if (frame.interfaceName !== undefined) add(T.interface_name, frame.interfaceName);
  if (frame.direction !== undefined) {
    const direction = frame.direction === 'inbound' ? 1 : 2;
    add(T.packet_flags, direction);
    add(T.packet_flags_direction, direction);
  }
  add(T.encap_type, ENCAPSULATIONS.get(frame.linkType ?? 1) ?? 0);
  add(T.time_epoch, times.epochNs + BigInt(frame.atNs));
  add(T.time_delta, times.sincePreviousNs);
  add(T.time_relative, times.sinceFirstNs);
  add(T.number, frame.number);
  add(T.len, frame.originalLength ?? frame.bytes.length);
  add(T.cap_len, frame.bytes.length);
  add(T.protocols, protocols.slice(1).join(':'));
  return fields;
}
