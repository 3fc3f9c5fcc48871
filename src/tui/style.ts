/** How a cell looks. Styles are interned: a cell keeps a number, and equal looks have equal numbers. */

/** 24 bits of red, green and blue; null: the terminal's own. */
export type Colour = number | null;

export interface Style {
  readonly foreground: Colour;
  readonly background: Colour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
  readonly reverse: boolean;
}

export type StyleId = number;

const PLAIN: Style = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  underline: false,
  reverse: false,
};

/** All styles ever used, by number; 0 is the terminal's own. A theme has some dozens, so the list stays short. */
const known: Style[] = [PLAIN];
const numbers = new Map<string, StyleId>([[keyOf(PLAIN), 0]]);

export function styleId(style: Partial<Style>): StyleId {
  const whole = { ...PLAIN, ...style };
  const key = keyOf(whole);
  let id = numbers.get(key);
  if (id === undefined) {
    id = known.length;
    known.push(whole);
    numbers.set(key, id);
  }
  return id;
}

export function styleOf(id: StyleId): Style {
  return known[id] ?? PLAIN;
}

function keyOf({ foreground, background, bold, dim, underline, reverse }: Style): string {
  return `${foreground ?? '-'} ${background ?? '-'} ${Number(bold)}${Number(dim)}${Number(underline)}${Number(reverse)}`;
}
