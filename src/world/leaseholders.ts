import type { Ipv4 } from '../wire/address.ts';

/** Which addresses nodes have been lent while the run went on: now, and ever. */
export class Leaseholders {
  readonly #held = new Map<string, Ipv4[]>();
  readonly #ever = new Map<string, Ipv4[]>();

  holds(node: string, address: Ipv4): void {
    this.#held.set(node, [...this.heldBy(node), address]);
    if (!this.everHeldBy(node).includes(address)) this.#ever.set(node, [...this.everHeldBy(node), address]);
  }

  loses(node: string, address: Ipv4): void {
    this.#held.set(
      node,
      this.heldBy(node).filter((each) => each !== address),
    );
  }

  /** A node that crashed holds nothing. */
  forget(node: string): void {
    this.#held.delete(node);
  }

  heldBy(node: string): readonly Ipv4[] {
    return this.#held.get(node) ?? [];
  }

  everHeldBy(node: string): readonly Ipv4[] {
    return this.#ever.get(node) ?? [];
  }
}
