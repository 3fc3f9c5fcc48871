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

/** How a blank looks: its ground, and a line under it. */
const blanks = new Map<StyleId, StyleId>();

/** The look without ink, the same for all looks that a blank cannot tell apart. */
export function blankStyle(id: StyleId): StyleId {
  let blank = blanks.get(id);
  if (blank === undefined) {
    const { background, underline, reverse } = styleOf(id);
    blank = underline || reverse ? id : styleId({ background });
    blanks.set(id, blank);
  }
  return blank;
}

export function hasSameGround(one: StyleId, other: StyleId): boolean {
  return one === other || blankStyle(one) === blankStyle(other);
}

function keyOf({ foreground, background, bold, dim, underline, reverse }: Style): string {
  return `${foreground ?? '-'} ${background ?? '-'} ${Number(bold)}${Number(dim)}${Number(underline)}${Number(reverse)}`;
}
