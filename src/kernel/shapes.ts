/**
 * What many entries have in common, kept once: their kind, their node and their names. A run has some thousand shapes at
 * most; what may be different in each entry (numbers, sentences, octets) is no part of one.
 */

import type { Event, LayerNumber } from './entry.ts';

export interface Shape {
  readonly kind: Event['kind'];
  readonly layer: LayerNumber;
  readonly node: string;
  /** The kind says what they are names of. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly d: string;
}

export class Shapes {
  readonly #all: Shape[] = [];
  /** By node and first name: what is left to compare are a few. */
  readonly #nodes = new Map<string, Map<string, number[]>>();
  #lastNode = '';
  #ofLastNode = new Map<string, number[]>();

  at(number: number): Shape {
    return this.#all[number] as Shape;
  }

  numberOf(kind: Event['kind'], layer: LayerNumber, node: string, a: string, b = '', c = '', d = ''): number {
    const numbers = this.#numbersOf(node, a);
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const shape = this.#all[number] as Shape;
      if (shape.kind !== kind || shape.layer !== layer) continue;
      if (shape.b === b && shape.c === c && shape.d === d) return number;
    }
    const number = this.#all.push({ kind, layer, node, a, b, c, d }) - 1;
    numbers.push(number);
    return number;
  }

  #numbersOf(node: string, a: string): number[] {
    // Entries of one node come in rows.
    if (node !== this.#lastNode || this.#all.length === 0) {
      let names = this.#nodes.get(node);
      if (!names) {
        names = new Map();
        this.#nodes.set(node, names);
      }
      this.#lastNode = node;
      this.#ofLastNode = names;
    }
    let numbers = this.#ofLastNode.get(a);
    if (!numbers) {
      numbers = [];
      this.#ofLastNode.set(a, numbers);
    }
    return numbers;
  }
}
