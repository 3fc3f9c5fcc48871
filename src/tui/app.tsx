/** Ink as it is used here: it keeps components and works out where they stand, and what it would print goes nowhere. */

import { type DOMElement, type Instance, render } from 'ink';
import type { Rect } from './canvas.ts';
import { isRoomy, isTooSmall, type Model } from './model.ts';
import { type Arrangement, type PlaceId, Screen } from './screen.tsx';

export type Places = ReadonlyMap<PlaceId, Rect>;

/** Enough of a stream for Ink to write to. */
function nowhere(): NodeJS.WriteStream {
  const stream = { columns: 80, rows: 24, isTTY: false, write: () => true, on: () => stream, off: () => stream };
  return stream as unknown as NodeJS.WriteStream;
}

function silence(): NodeJS.ReadStream {
  const stream = { isTTY: false, on: () => stream, off: () => stream, setEncoding: () => stream, ref() {}, unref() {} };
  return stream as unknown as NodeJS.ReadStream;
}

export class Layout {
  readonly #stdout = nowhere();
  readonly #elements = new Map<PlaceId, DOMElement>();
  #instance: Instance | null = null;
  #arrangement: Arrangement | null = null;
  #places: Places = new Map();
  readonly #register = (id: PlaceId, element: DOMElement | null): void => {
    if (element) this.#elements.set(id, element);
    else this.#elements.delete(id);
  };

  /** Where everything stands; nothing is worked out again while the arrangement stays. */
  placesOf(model: Model): Places {
    const arrangement = arrangementOf(model);
    if (this.#arrangement && isSame(this.#arrangement, arrangement)) return this.#places;
    this.#arrangement = arrangement;
    this.#stdout.columns = arrangement.columns;
    this.#stdout.rows = arrangement.rows;
    const screen = <Screen arrangement={arrangement} register={this.#register} />;
    if (this.#instance) this.#instance.rerender(screen);
    else {
      this.#instance = render(screen, {
        stdout: this.#stdout,
        stderr: this.#stdout,
        stdin: silence(),
        debug: true,
        patchConsole: false,
        exitOnCtrlC: false,
      });
    }
    this.#places = new Map([...this.#elements].map(([id, element]) => [id, rectOf(element)]));
    return this.#places;
  }

  close(): void {
    this.#instance?.unmount();
    this.#instance = null;
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

/** Yoga's places are relative to the parent's. */
function rectOf(element: DOMElement): Rect {
  let x = 0;
  let y = 0;
  for (let at: DOMElement | undefined = element; at?.yogaNode; at = at.parentNode) {
    x += at.yogaNode.getComputedLeft();
    y += at.yogaNode.getComputedTop();
  }
  const width = element.yogaNode?.getComputedWidth() ?? 0;
  const height = element.yogaNode?.getComputedHeight() ?? 0;
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}
