import { Rng } from '../../../src/kernel/rng.ts';

/** Chance for drawing, apart from every stream of a run. */
export class Dice {
  readonly #rng: Rng;

  constructor(seed: string, purpose: string) {
    this.#rng = new Rng(seed, `swarm/${purpose}`);
  }

  /** Whole, both ends included. */
  between(low: number, high: number): number {
    return this.#rng.between(low, high);
  }

  percent(chance: number): boolean {
    return this.#rng.chance(chance * 10_000);
  }

  one<T>(list: readonly T[]): T {
    return list[this.#rng.below(list.length)] as T;
  }

  /** So many of them at most, each once, in a random order. */
  some<T>(list: readonly T[], most: number): T[] {
    const rest = [...list];
    const taken: T[] = [];
    while (taken.length < most && rest.length > 0) taken.push(...rest.splice(this.#rng.below(rest.length), 1));
    return taken;
  }
}
