import type { Rng } from '../../kernel/rng.ts';
import type { EchoListener } from './service.ts';

/** Who waits for which echo replies, of either family: the identifiers of both are drawn from one. */
export class EchoListeners {
  readonly #listeners = new Map<number, EchoListener>();
  #identifier: number;

  constructor(random: Rng) {
    this.#identifier = random.between(1, 0xffff);
  }

  open(listener: EchoListener): number {
    do this.#identifier = (this.#identifier % 0xffff) + 1;
    while (this.#listeners.has(this.#identifier));
    this.#listeners.set(this.#identifier, listener);
    return this.#identifier;
  }

  close(identifier: number): void {
    this.#listeners.delete(identifier);
  }

  get(identifier: number): EchoListener | undefined {
    return this.#listeners.get(identifier);
  }
}

/** The octets of an echo request: the letters a to w, over and over. */
export function fillEcho(bytes: Uint8Array, from: number, length: number): void {
  for (let at = 0; at < length; at++) bytes[from + at] = 0x61 + (at % 23);
}
