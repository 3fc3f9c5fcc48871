/** One line a frame, in the columns and with the blanks of tshark's default output. */

import type { Nanos } from '../kernel/journal.ts';
import { fieldText } from '../layers/codecs.ts';
import type { Dissection, Field, ProtocolLayer } from '../layers/field.ts';
import type { Sighting } from './capture.ts';
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

/** The same frame as an object with its whole field tree, for `--json`; `atNs` is virtual time since the run began. */
export function eventObject(sighting: Sighting, dissection: Dissection): object {
  const { number, atNs, port, direction, bytes, comment } = sighting;
  const { source, destination, protocol, info, layers } = dissection;
  return {
    number,
    atNs,
    interface: `${port.node}:${port.interface}`,
    direction,
    source,
    destination,
    protocol,
    length: bytes.length,
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
