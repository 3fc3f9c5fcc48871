/**
 * Values with others laid over them for a while, each by an entry of the timeline. What was laid last stands on top, and
 * whatever is taken away leaves the rest as it lies: entries whose times overlap undo themselves and nobody else.
 */
export class Overlay<T extends object> {
  readonly #base: T;
  readonly #layers = new Set<Partial<T>>();

  constructor(base: T) {
    this.#base = base;
  }

  get current(): T {
    return Object.assign({}, this.#base, ...this.#layers);
  }

  /** Lays values over those that stand; returns how to take them away. */
  lay(values: Partial<T>): () => void {
    const layer = { ...values };
    this.#layers.add(layer);
    return () => {
      this.#layers.delete(layer);
    };
  }
}
