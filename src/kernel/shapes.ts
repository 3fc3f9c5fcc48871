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
  readonly #nodes = new Map<string, NodeShapes>();
  #last: NodeShapes | null = null;

  at(number: number): Shape {
    return this.#all[number] as Shape;
  }

  of(node: string): NodeShapes {
    // Entries of one node come in rows.
    if (this.#last?.node === node) return this.#last;
    let shapes = this.#nodes.get(node);
    if (!shapes) {
      shapes = new NodeShapes(this.#all, node);
      this.#nodes.set(node, shapes);
    }
    this.#last = shapes;
    return shapes;
  }
}

const LAYERS = 8;

/** Those of one node. */
class NodeShapes {
  readonly node: string;
  readonly #all: Shape[];
  /** By first name: what is left to compare are a few. */
  readonly #names = new Map<string, number[]>();
  /** The first name that each layer had last, for what goes down and for the rest. */
  readonly #lastNames: (string | null)[] = new Array(2 * LAYERS).fill(null);
  readonly #lastNumbers: number[][] = new Array(2 * LAYERS).fill([]);

  constructor(all: Shape[], node: string) {
    this.#all = all;
    this.node = node;
  }

  numberOf(kind: Event['kind'], layer: LayerNumber, a: string, b = '', c = '', d = ''): number {
    const numbers = this.#numbersOf(kind === 'encoded' ? layer + LAYERS : layer, a);
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const shape = this.#all[number] as Shape;
      if (shape.kind !== kind || shape.layer !== layer) continue;
      if (shape.b === b && shape.c === c && shape.d === d) return number;
    }
    const number = this.#all.push({ kind, layer, node: this.node, a, b, c, d }) - 1;
    numbers.push(number);
    return number;
  }

  #numbersOf(row: number, a: string): number[] {
    if (this.#lastNames[row] === a) return this.#lastNumbers[row] as number[];
    let numbers = this.#names.get(a);
    if (!numbers) {
      numbers = [];
      this.#names.set(a, numbers);
    }
    this.#lastNames[row] = a;
    this.#lastNumbers[row] = numbers;
    return numbers;
  }
}
