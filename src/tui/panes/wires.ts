/** Lines between the boxes of a drawing, joined where they meet. */

import type { Canvas } from '../canvas.ts';
import type { View } from '../view.ts';

export interface Cell {
  readonly x: number;
  readonly y: number;
}

const [UP, DOWN, RIGHT, LEFT] = [8, 4, 2, 1];
/** By which of up, down, right and left a line goes on. */
const WIRES = ' ───│╮╭┬│╯╰┴│┤├┼';

/** The lines of all links together: where they meet there is a joint. */
export class Wires {
  readonly #cells = new Map<string, { readonly x: number; readonly y: number; bits: number; links: string[] }>();
  readonly #paths = new Map<string, readonly Cell[]>();

  /** From the box of its first end to that of its second. */
  add(link: string, path: readonly Cell[], isLevel: boolean): void {
    this.#paths.set(link, path);
    for (const [at, { x, y }] of path.entries()) {
      const key = `${x} ${y}`;
      let cell = this.#cells.get(key);
      if (!cell) {
        cell = { x, y, bits: 0, links: [] };
        this.#cells.set(key, cell);
      }
      cell.links.push(link);
      for (const next of [path[at - 1], path[at + 1]]) cell.bits |= next ? towards({ x, y }, next) : 0;
    }
    for (const [end, inner] of [
      [path[0], path[1]],
      [path.at(-1), path.at(-2)],
    ]) {
      const cell = end && this.#cells.get(`${end.x} ${end.y}`);
      // To the box: straight on, away from where the line came.
      if (cell) cell.bits |= inner ? opposite(towards(end, inner)) : isLevel ? LEFT | RIGHT : UP | DOWN;
    }
  }

  pathOf(link: string): readonly Cell[] {
    return this.#paths.get(link) ?? [];
  }

  draw(canvas: Canvas, { theme, packet }: View): void {
    for (const { x, y, bits, links } of this.#cells.values()) {
      const isBusy = links.includes(packet?.passage?.link ?? '');
      canvas.text(x, y, WIRES[bits] as string, isBusy ? theme.accent : theme.text);
    }
  }
}

function towards(from: Cell, to: Cell): number {
  if (to.x !== from.x) return to.x > from.x ? RIGHT : LEFT;
  return to.y > from.y ? DOWN : UP;
}

function opposite(side: number): number {
  return side === UP ? DOWN : side === DOWN ? UP : side === LEFT ? RIGHT : LEFT;
}
