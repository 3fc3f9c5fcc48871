/** Where everything on the screen stands. */

import type { InkLayout } from './ink-layout.tsx';
import { isRoomy, isTooSmall, type Model } from './model.ts';
import type { Arrangement, Places } from './screen.tsx';
import { sketch } from './sketch.tsx';

/** Ink keeps the components; the first screen need not wait until it is loaded. */
export class Layout {
  #arrangement: Arrangement | null = null;
  #places: Places = new Map();
  #ink: InkLayout | null = null;
  #isClosed = false;

  /** From here on Ink and Yoga say where things stand. */
  async loadInk(): Promise<void> {
    const { InkLayout } = await import('./ink-layout.tsx');
    if (this.#isClosed || this.#ink) return;
    this.#ink = new InkLayout();
    this.#arrangement = null;
  }

  /** Nothing is worked out again while the arrangement stays. */
  placesOf(model: Model): Places {
    const arrangement = arrangementOf(model);
    if (this.#arrangement && isSame(this.#arrangement, arrangement)) return this.#places;
    this.#arrangement = arrangement;
    this.#places = this.#ink ? this.#ink.placesOf(arrangement) : sketch(arrangement);
    return this.#places;
  }

  close(): void {
    this.#isClosed = true;
    this.#ink?.close();
    this.#ink = null;
  }
}

function arrangementOf(model: Model): Arrangement {
  const { size, slots } = model;
  return {
    columns: size.columns,
    rows: size.rows,
    slots,
    isRoomy: isRoomy(model),
    isTooSmall: isTooSmall(model),
    alone: model.leaf ? 'whole' : model.isZoomed ? model.focus : null,
  };
}

function isSame(one: Arrangement, other: Arrangement): boolean {
  return (Object.keys(one) as (keyof Arrangement)[]).every((key) => one[key] === other[key]);
}
