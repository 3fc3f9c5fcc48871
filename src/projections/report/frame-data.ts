/** Frames as the page shows them: where they went, what became of them, every field with the octets it stands in. */

import { fieldText } from '../fields.ts';
import { layerOf, type ReadCrossing } from '../ladder.ts';
import { printable } from '../printable.ts';
import { seconds } from '../time.ts';

/** Long values are cut; the octets are there anyway. */
const LONGEST_VALUE = 160;

export interface FrameData {
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly link: string;
  readonly fate: string;
  readonly why: string;
  readonly protocol: string;
  readonly info: string;
  readonly layer: number;
  readonly layers: readonly LayerData[];
  /** In hex. */
  readonly bytes: string;
}

export interface LayerData {
  readonly title: string;
  readonly layer: number;
  readonly at: number;
  readonly length: number;
  /** Label, value, and the octets it stands in; a length of 0 stands nowhere. */
  readonly fields: readonly (readonly [label: string, value: string, at: number, length: number])[];
}

export function frameData({ crossing, dissection }: ReadCrossing): FrameData {
  const { from, to, link, fate, loss, takenNs, bytes } = crossing;
  return {
    time: seconds(takenNs),
    from: from.node,
    to: to.node,
    link,
    fate: fate === 'in-flight' ? 'still on its way' : fate,
    why: printable(loss?.detail ?? ''),
    protocol: printable(dissection.protocol),
    info: printable(dissection.info),
    layer: layerOf(dissection),
    layers: dissection.layers.map(({ title, layer, at, length, fields, source }) => ({
      title: printable(title),
      layer,
      at,
      length: source ? 0 : length,
      fields: fields.map((field) => {
        const value = printable(fieldText(field)).slice(0, LONGEST_VALUE);
        // Octets that were put together from several frames stand in none.
        return [field.type.label, value, field.at, source ? 0 : field.length] as const;
      }),
    })),
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex'),
  };
}
