/** Damage that keeps the structure of what it strikes: numbers at their edges, pieces moved, doubled, cut and joined. */

import fc from 'fast-check';

export type Damage = (octets: Uint8Array, other: Uint8Array) => Uint8Array;

const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 191, 192, 254, 255];

const spot = fc.nat({ max: 0xffff });

const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(spot, fc.nat({ max: 7 })).map(([at, bit]) => flip(at, bit)) },
  { weight: 5, arbitrary: fc.tuple(spot, fc.constantFrom(...EDGES)).map(([at, value]) => put(at, [value])) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(spot, fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff))
      .map(([at, value]) => put(at, [value >> 8, value & 0xff])),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(spot, fc.constantFrom(0, 0x7f, 0x80, 0xff))
      .map(([at, value]) => put(at, [value, value, value, value])),
  },
  { weight: 3, arbitrary: spot.map((at) => cut(at)) },
  { weight: 2, arbitrary: fc.tuple(spot, spot).map(([at, length]) => without(at, length)) },
  { weight: 2, arbitrary: fc.tuple(spot, spot, spot).map(([at, from, length]) => doubled(at, from, length)) },
  { weight: 2, arbitrary: fc.tuple(spot, spot).map(([at, from]) => spliced(at, from)) },
  { weight: 1, arbitrary: fc.tuple(spot, fc.uint8Array({ maxLength: 12 })).map(([at, more]) => inserted(at, more)) },
);

/** One to six pieces of damage, of what a choice picks from a list. */
export function damaged(list: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const pick = fc.nat({ max: Math.max(0, list.length - 1) });
  return fc.tuple(pick, pick, fc.array(damage, { minLength: 0, maxLength: 6 })).map(([one, other, all]) => {
    let octets = list[one] ?? new Uint8Array(0);
    for (const each of all) octets = each(octets, list[other] ?? new Uint8Array(0));
    return octets;
  });
}

/** The same of text: damage of its UTF-8, read again. */
export function damagedText(list: readonly string[]): fc.Arbitrary<string> {
  return damaged(list.map((text) => new TextEncoder().encode(text))).map((octets) => new TextDecoder().decode(octets));
}

const within = (at: number, octets: Uint8Array) => (octets.length === 0 ? 0 : at % octets.length);

function flip(at: number, bit: number): Damage {
  return (octets) => {
    const copy = octets.slice();
    const place = within(at, copy);
    if (copy.length > 0) copy[place] = (copy[place] as number) ^ (1 << bit);
    return copy;
  };
}

function put(at: number, values: readonly number[]): Damage {
  return (octets) => {
    const copy = octets.slice();
    const start = within(at, copy);
    for (const [index, value] of values.entries()) if (start + index < copy.length) copy[start + index] = value;
    return copy;
  };
}

const cut =
  (at: number): Damage =>
  (octets) =>
    octets.slice(0, within(at, octets));

function without(at: number, length: number): Damage {
  return (octets) => {
    const start = within(at, octets);
    return joined(octets.subarray(0, start), octets.subarray(start + (length % 16)));
  };
}

function doubled(at: number, from: number, length: number): Damage {
  return (octets) => {
    const start = within(from, octets);
    return inserted(at, octets.slice(start, start + (length % 64)))(octets, octets);
  };
}

function spliced(at: number, from: number): Damage {
  return (octets, other) => joined(octets.subarray(0, within(at, octets)), other.subarray(within(from, other)));
}

function inserted(at: number, more: Uint8Array): Damage {
  return (octets) => {
    const start = within(at, octets);
    return joined(octets.subarray(0, start), more, octets.subarray(start));
  };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
