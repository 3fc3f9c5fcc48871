/** What Wireshark shows of a segment as a part of the stream: whether its data belongs to a message of several. */

import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';

export const TCP_STREAM_FIELDS = fieldTable(4, 'tcp', {
  segment_data: ['bytes', 'TCP segment data', 'Data that belongs to a message of several segments.'],
  segments: ['none', 'Reassembled TCP Segments', 'With this segment a message of several became whole.'],
  segment: ['unsigned', 'TCP Segment', 'A frame that brought a part of the message.'],
  'segment.count': ['unsigned', 'Segment count', 'How many segments the message came in.'],
  'reassembled.length': ['unsigned', 'Reassembled TCP length', 'Octets of the message.'],
  'reassembled.data': ['bytes', 'Reassembled TCP Data', 'The message.'],
  fin_retransmission: ['unsigned', 'Retransmission of FIN from frame', 'The frame with the first FIN.'],
  'pdu.size': ['unsigned', 'PDU Size', 'Octets of a message that states its length.'],
});

/** What the stream says of one segment, for its fields. */
export interface StreamNotes {
  /** Octets of messages that are not read in this frame: offsets in the segment's bytes. */
  readonly segmentData: { readonly at: number; readonly length: number }[];
  /** A message that this segment made whole; `count` also counts segments that came behind its end. */
  whole: { readonly frames: readonly number[]; readonly count: number; readonly bytes: Uint8Array } | null;
  /** Sizes of messages that state their length (DNS). */
  readonly pduBytes: number[];
  /** The segment's data belongs to a message that its FIN ends. */
  closes: boolean;
  /** Of a FIN: the frame with the one before it, or 0. */
  finBefore: number;
}

export function streamFields(bytes: Uint8Array, at: number, notes: StreamNotes): Field[] {
  const T = TCP_STREAM_FIELDS;
  const fields = notes.pduBytes.map((size) => field(T['pdu.size'], size, at, 0));
  if (notes.finBefore > 0) fields.push(field(T.fin_retransmission, notes.finBefore, at, 0));
  for (const { at: start, length } of notes.segmentData) {
    fields.push(field(T.segment_data, bytes.subarray(start, start + length), start, length));
  }
  if (!notes.whole) return fields;
  const { frames, count, bytes: whole } = notes.whole;
  fields.push(field(T.segments, null, at, 0));
  for (const frame of frames) fields.push(field(T.segment, frame, at, 0));
  fields.push(field(T['segment.count'], count, at, 0));
  fields.push(field(T['reassembled.length'], whole.length, at, 0));
  return [...fields, field(T['reassembled.data'], whole, at, 0)];
}
