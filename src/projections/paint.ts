/** Colours of the layers (Okabe–Ito, distinguishable with any colour vision), as terminal escapes or as nothing. */

import type { LayerNumber } from '../kernel/journal.ts';

/** What a piece of text is; how it looks is the painter's business. Colour is never the only sign of anything. */
export type Style = LayerNumber | 'error' | 'good' | 'dim' | 'strong' | 'plain';
export type Paint = (style: Style, text: string) => string;

/** How many colours a terminal has: none, the 16 of the theme, the 256 of xterm, or all. */
export type ColourDepth = 'none' | '16' | '256' | 'true';

export const LAYER_COLOURS: Readonly<Record<LayerNumber | 'error', string>> = {
  7: '#CC79A7',
  6: '#F0E442',
  5: '#FF9E64',
  4: '#56B4E9',
  3: '#2BC49A',
  2: '#E69F00',
  1: '#9AA0A6',
  error: '#FF6B4A',
};

/** The nearest of xterm's 6×6×6 cube, and of the theme's sixteen. */
const CODES_256: Readonly<Record<LayerNumber | 'error', number>> = {
  7: 175,
  6: 227,
  5: 215,
  4: 74,
  3: 43,
  2: 172,
  1: 247,
  error: 203,
};
const CODES_16: Readonly<Record<LayerNumber | 'error', number>> = {
  7: 35,
  6: 93,
  5: 33,
  4: 36,
  3: 32,
  2: 33,
  1: 37,
  error: 91,
};

export const plain: Paint = (_style, text) => text;

export function painter(depth: ColourDepth): Paint {
  if (depth === 'none') return plain;
  return (style, text) => (text === '' || style === 'plain' ? text : `\x1b[${codeOf(style, depth)}m${text}\x1b[0m`);
}

function codeOf(style: Exclude<Style, 'plain'>, depth: ColourDepth): string {
  if (style === 'dim') return '2';
  if (style === 'strong') return '1';
  if (style === 'good') return codeOf(3, depth);
  if (depth === '16') return String(CODES_16[style]);
  if (depth === '256') return `38;5;${CODES_256[style]}`;
  const value = Number.parseInt(LAYER_COLOURS[style].slice(1), 16);
  return `38;2;${value >>> 16};${(value >>> 8) & 255};${value & 255}`;
}
