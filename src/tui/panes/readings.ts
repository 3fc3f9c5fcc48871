/** The chosen octets in every way to read them: what presentation (layer 6) has to agree on. */

import { type Reading, readingsOf } from '../../projections/readings.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';
import { wrapped } from './scenery.ts';

interface ChosenOctets {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Those of the chosen field, else of the innermost message. */
function chosenOctets({ chosen, packet }: View): ChosenOctets | null {
  if (!packet) return null;
  if (chosen && chosen.length > 0) {
    return { name: chosen.label, bytes: packet.bytes.subarray(chosen.at, chosen.at + chosen.length) };
  }
  const inner = packet.nest[0];
  return inner ? { name: inner.protocol, bytes: inner.bytes } : { name: 'frame', bytes: packet.bytes };
}

export function drawReadings(canvas: Canvas, rect: Rect, view: View): void {
  const { theme } = view;
  const { x, y, width, height } = rect;
  const octets = chosenOctets(view);
  if (!octets) {
    canvas.text(x + 1, y, 'no packet yet', theme.dim);
    return;
  }
  const { name, bytes } = octets;
  canvas.text(x + 1, y, `${name}, ${bytes.length} octets`, theme.strong, width - 2);
  canvas.text(x + 1, y + 1, hexOf(bytes, Math.floor((width - 4) / 3)), theme.layer(view.chosen?.layer ?? 7), width - 2);
  let at = y + 3;
  for (const { as, text, isWrong } of readingsOf(bytes)) {
    for (const [line, words] of wrapped(text, width - 18, 3).entries()) {
      if (at >= y + height) return;
      if (line === 0) canvas.text(x + 1, at, as, theme.dim, 15);
      canvas.text(x + 17, at++, words, isWrong ? theme.warning : theme.text, width - 18);
    }
  }
}

function hexOf(bytes: Uint8Array, most: number): string {
  const hex = Array.from(bytes.subarray(0, most), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > most ? `${hex} …` : hex;
}

/** The same in sentences. */
export function readingSentences(view: View): string[] {
  const octets = chosenOctets(view);
  if (!octets) return ['There are no octets here.'];
  const said = ({ as, text }: Reading) => (as === '' ? `These are ${text}.` : `${as}: ${text}.`);
  return [`${octets.name}, ${octets.bytes.length} octets.`, ...readingsOf(octets.bytes).map(said)];
}
