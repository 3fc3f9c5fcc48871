/** One line a frame, in the columns and with the blanks of tshark's default output. */

import type { Nanos } from '../kernel/journal.ts';
import { fieldText } from '../layers/codecs.ts';
import type { Dissection, Field, ProtocolLayer } from '../layers/field.ts';
import { printable } from './printable.ts';
import { seconds } from './time.ts';

/** `sinceFirstNs`: since the first frame of the capture, as tshark counts. The length includes the FCS. */
export function eventLine(number: number, sinceFirstNs: Nanos, lengthBytes: number, dissection: Dissection): string {
  const { source, destination, protocol, info } = dissection;
  const columns = [
    String(number).padStart(5),
    seconds(sinceFirstNs, 9).padStart(10),
    printable(source).padStart(12),
    '→',
    printable(destination).padEnd(12),
    printable(protocol),
    String(lengthBytes),
    printable(info),
  ];
  return columns.join(' ');
}

/** A frame as `--json` tells it, besides what is read in it. */
export interface ListedFrame {
  readonly number: number;
  /** Since the run began; of a capture, since its first frame. */
  readonly atNs: Nanos;
  readonly interface: string | null;
  readonly direction: 'inbound' | 'outbound' | null;
  /** On the wire, the FCS included where it was captured. */
  readonly length: number;
  readonly comment: string | null;
}

/** The same frame as an object with its whole field tree. */
export function eventObject(frame: ListedFrame, dissection: Dissection): object {
  const { number, atNs, direction, length, comment } = frame;
  const { source, destination, protocol, info, layers } = dissection;
  return {
    number,
    atNs,
    interface: frame.interface,
    direction,
    source,
    destination,
    protocol,
    length,
    info,
    ...(comment === null ? {} : { comment }),
    layers: layers.map(layerObject),
  };
}

function layerObject({ protocol, title, layer, at, length, fields }: ProtocolLayer): object {
  return { protocol, title, layer, at, length, fields: fields.map(fieldObject) };
}

function fieldObject(field: Field): object {
  const { type, at, length, bits, text } = field;
  return {
    name: type.name,
    label: type.label,
    value: fieldText(field),
    ...(text === undefined ? {} : { text }),
    at,
    length,
    ...(bits === undefined ? {} : { bits }),
  };
}
