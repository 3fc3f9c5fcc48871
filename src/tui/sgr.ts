/** "Select graphic rendition" (ECMA-48 section 8.3.117): the shortest sequence from one style to another. */

import type { ColourDepth } from '../projections/paint.ts';
import { type Colour, type StyleId, styleOf } from './style.ts';

export class SgrTable {
  readonly #depth: ColourDepth;
  readonly #changes = new Map<number, string>();

  constructor(depth: ColourDepth) {
    this.#depth = depth;
  }

  /** From a style to another; from -1, from whatever it is. */
  change(from: StyleId, to: StyleId): string {
    const key = (from + 1) * 0x10000 + to;
    let text = this.#changes.get(key);
    if (text === undefined) {
      text = this.#build(from, to);
      this.#changes.set(key, text);
    }
    return text;
  }

  #build(from: StyleId, to: StyleId): string {
    const next = styleOf(to);
    const before = from < 0 ? null : styleOf(from);
    const depth = this.#depth;
    const whole = ['0'];
    if (next.bold) whole.push('1');
    if (next.dim) whole.push('2');
    if (next.underline) whole.push('4');
    if (next.reverse) whole.push('7');
    whole.push(...colour(next.foreground, depth, 38), ...colour(next.background, depth, 48));
    const full = sequence(whole);
    if (!before) return full;
    const parts: string[] = [];
    if (before.bold !== next.bold || before.dim !== next.dim) {
      if ((before.bold && !next.bold) || (before.dim && !next.dim)) parts.push('22');
      if (next.bold) parts.push('1');
      if (next.dim) parts.push('2');
    }
    if (before.underline !== next.underline) parts.push(next.underline ? '4' : '24');
    if (before.reverse !== next.reverse) parts.push(next.reverse ? '7' : '27');
    parts.push(...changed(before.foreground, next.foreground, depth, 38));
    parts.push(...changed(before.background, next.background, depth, 48));
    if (parts.length === 0) return '';
    const short = sequence(parts);
    return short.length < full.length ? short : full;
  }
}

function sequence(parts: readonly string[]): string {
  const text = parts.join(';');
  return text === '0' ? '\x1b[m' : `\x1b[${text}m`;
}

function changed(from: Colour, to: Colour, depth: ColourDepth, base: 38 | 48): string[] {
  if (from === to || depth === 'none') return [];
  return to === null ? [String(base + 1)] : colour(to, depth, base);
}

function colour(value: Colour, depth: ColourDepth, base: 38 | 48): string[] {
  if (value === null || depth === 'none') return [];
  const [red, green, blue] = [value >>> 16, (value >>> 8) & 255, value & 255];
  if (depth === 'true') return [String(base), '2', String(red), String(green), String(blue)];
  if (depth === '256') return [String(base), '5', String(nearest256(red, green, blue))];
  const index = nearest16(red, green, blue, base === 48);
  return [String(index < 8 ? base - 8 + index : base + 52 + index - 8)];
}

const STEPS = [0, 95, 135, 175, 215, 255];

/** The nearest of xterm's 6×6×6 cube and its 24 greys. */
function nearest256(red: number, green: number, blue: number): number {
  const step = (value: number) =>
    STEPS.reduce((best, each, at) => (Math.abs(each - value) < Math.abs((STEPS[best] ?? 0) - value) ? at : best), 0);
  const [r, g, b] = [step(red), step(green), step(blue)];
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const level = 8 + grey * 10;
  const far = (x: number, y: number, z: number) =>
    (x - red) * (x - red) + (y - green) * (y - green) + (z - blue) * (z - blue);
  const cube = far(STEPS[r] ?? 0, STEPS[g] ?? 0, STEPS[b] ?? 0);
  return cube <= far(level, level, level) ? 16 + 36 * r + 6 * g + b : 232 + grey;
}

/** Of the sixteen, by hue: brightness follows from bold and from what the terminal's theme makes of them. */
function nearest16(red: number, green: number, blue: number, isBackground: boolean): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  // Greys: dark ones are no background at all, which keeps text readable whatever the theme.
  if (most - least < 48) {
    if (isBackground) return most > 160 ? 7 : most > 45 ? 8 : 0;
    return most > 200 ? 15 : most > 130 ? 7 : 8;
  }
  const half = (most + least) / 2;
  const hue = (red > half ? 1 : 0) | (green > half ? 2 : 0) | (blue > half ? 4 : 0);
  return most > 225 && !isBackground ? hue + 8 : hue;
}
