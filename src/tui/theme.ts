/** Looks by what they are for. Colour is never the only sign: every look also differs in words, glyphs or weight. */

import type { LayerNumber } from '../kernel/journal.ts';
import { LAYER_COLOURS } from '../projections/paint.ts';
import { type Colour, type Style, type StyleId, styleId, styleOf } from './style.ts';

export const THEME_NAMES = ['dark', 'light', 'high-contrast', 'mono'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

export interface Theme {
  readonly name: ThemeName;
  readonly text: StyleId;
  readonly strong: StyleId;
  readonly dim: StyleId;
  readonly faint: StyleId;
  readonly border: StyleId;
  readonly focus: StyleId;
  readonly accent: StyleId;
  readonly good: StyleId;
  readonly error: StyleId;
  readonly errorStrong: StyleId;
  readonly bar: StyleId;
  readonly barStrong: StyleId;
  readonly barAccent: StyleId;
  readonly selected: StyleId;
  readonly warning: StyleId;
  /** The two columns of the stacks: of who sends, of who receives. */
  readonly sender: StyleId;
  readonly receiver: StyleId;
  /** What lies inside a header's PDU. */
  readonly payload: StyleId;
  layer(layer: LayerNumber): StyleId;
  layerStrong(layer: LayerNumber): StyleId;
  /** Filled with the layer's colour. */
  layerFilled(layer: LayerNumber): StyleId;
  layerOn(layer: LayerNumber, ground: StyleId): StyleId;
  /** The same style on the ground of another. */
  on(style: StyleId, ground: StyleId): StyleId;
  bold(style: StyleId): StyleId;
}

interface Palette {
  readonly ground: Colour;
  readonly text: Colour;
  readonly strong: Colour;
  readonly dim: Colour;
  readonly border: Colour;
  readonly accent: Colour;
  readonly bar: Colour;
  readonly selected: Colour;
  readonly sender: Colour;
  readonly receiver: Colour;
  readonly payload: Colour;
  /** On a ground filled with a layer's colour. */
  readonly ink: Colour;
  readonly layers: Readonly<Record<LayerNumber | 'error', Colour>>;
}

function hex(text: string): number {
  return Number.parseInt(text.slice(1), 16);
}

function layers(colours: Readonly<Record<LayerNumber | 'error', string>>): Palette['layers'] {
  const { 1: one, 2: two, 3: three, 4: four, 5: five, 6: six, 7: seven, error } = colours;
  return {
    1: hex(one),
    2: hex(two),
    3: hex(three),
    4: hex(four),
    5: hex(five),
    6: hex(six),
    7: hex(seven),
    error: hex(error),
  };
}

const DARK: Palette = {
  ground: hex('#0d1117'),
  text: hex('#a9b1bd'),
  strong: hex('#e5e7eb'),
  dim: hex('#6b7280'),
  border: hex('#6b7280'),
  accent: hex('#56b4e9'),
  bar: hex('#1f2937'),
  selected: hex('#374151'),
  sender: hex('#1b2430'),
  receiver: hex('#151b23'),
  payload: hex('#1f2937'),
  ink: hex('#0d1117'),
  layers: layers(LAYER_COLOURS),
};

/** The same hues, dark enough to be read on white (contrast of at least 4.5 to 1). */
const LIGHT: Palette = {
  ground: hex('#ffffff'),
  text: hex('#374151'),
  strong: hex('#0b0f14'),
  dim: hex('#6b7280'),
  border: hex('#9ca3af'),
  accent: hex('#0067a3'),
  bar: hex('#e5e7eb'),
  selected: hex('#c7d2e0'),
  sender: hex('#eef1f5'),
  receiver: hex('#f6f7f9'),
  payload: hex('#e3e7ec'),
  ink: hex('#ffffff'),
  layers: layers({
    7: '#9c3f73',
    6: '#746c00',
    5: '#a5521c',
    4: '#0067a3',
    3: '#00724f',
    2: '#8f6200',
    1: '#5b6168',
    error: '#b83215',
  }),
};

const HIGH_CONTRAST: Palette = {
  ...DARK,
  ground: hex('#000000'),
  text: hex('#ffffff'),
  strong: hex('#ffffff'),
  dim: hex('#d0d0d0'),
  border: hex('#ffffff'),
  accent: hex('#5fd7ff'),
  bar: hex('#303030'),
  selected: hex('#005f87'),
  sender: hex('#262626'),
  receiver: hex('#121212'),
  payload: hex('#303030'),
  ink: hex('#000000'),
  layers: layers({
    7: '#ff9fd8',
    6: '#ffff5f',
    5: '#ffb27f',
    4: '#7fd0ff',
    3: '#4dffc4',
    2: '#ffbf2f',
    1: '#d7dce0',
    error: '#ff8a70',
  }),
};

const PALETTES = { dark: DARK, light: LIGHT, 'high-contrast': HIGH_CONTRAST } as const;

export function themeOf(name: ThemeName): Theme {
  return name === 'mono' ? monochrome() : coloured(name, PALETTES[name]);
}

function coloured(name: ThemeName, palette: Palette): Theme {
  const { ground } = palette;
  const make = (foreground: Colour, background: Colour = ground, more: Partial<Style> = {}): StyleId =>
    styleId({ foreground, background, ...more });
  const bold = { bold: true };
  return {
    name,
    text: make(palette.text),
    strong: make(palette.strong, ground, bold),
    dim: make(palette.dim),
    faint: make(palette.border),
    border: make(palette.border),
    focus: make(palette.accent),
    accent: make(palette.accent, ground, bold),
    good: make(palette.layers[3], ground, bold),
    error: make(palette.layers.error),
    errorStrong: make(palette.layers.error, ground, bold),
    bar: make(palette.dim, palette.bar),
    barStrong: make(palette.strong, palette.bar, bold),
    barAccent: make(palette.accent, palette.bar, bold),
    selected: make(palette.strong, palette.selected, bold),
    warning: make(palette.layers[2], ground, bold),
    sender: make(palette.text, palette.sender),
    receiver: make(palette.text, palette.receiver),
    payload: make(palette.text, palette.payload),
    layer: (layer) => make(palette.layers[layer]),
    layerStrong: (layer) => make(palette.layers[layer], ground, bold),
    layerFilled: (layer) => make(palette.ink, palette.layers[layer], bold),
    layerOn: (layer, on) => make(palette.layers[layer], styleOf(on).background),
    on: (style, on) => styleId({ ...styleOf(style), background: styleOf(on).background }),
    bold: (style) => styleId({ ...styleOf(style), bold: true }),
  };
}

/** No colour at all: weight, reverse and underline. */
function monochrome(): Theme {
  const plain = styleId({});
  const strong = styleId({ bold: true });
  const dim = styleId({ dim: true });
  const reverse = styleId({ reverse: true, bold: true });
  const reversed = styleId({ reverse: true });
  const underlined = styleId({ bold: true, underline: true });
  return {
    name: 'mono',
    text: plain,
    strong,
    dim,
    faint: dim,
    border: dim,
    focus: strong,
    accent: strong,
    good: strong,
    error: underlined,
    errorStrong: underlined,
    bar: reversed,
    barStrong: reverse,
    barAccent: reverse,
    selected: reverse,
    warning: strong,
    sender: plain,
    receiver: plain,
    payload: plain,
    layer: () => plain,
    layerStrong: () => strong,
    layerFilled: () => reverse,
    layerOn: () => plain,
    on: (style, ground) => styleId({ ...styleOf(style), reverse: styleOf(style).reverse || styleOf(ground).reverse }),
    bold: (style) => styleId({ ...styleOf(style), bold: true }),
  };
}
