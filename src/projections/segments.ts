/**
 * Links joined by switches and hubs are one segment: a frame that its maker puts on one of them is the same frame on the
 * others. Beyond a router it is another frame.
 */

import type { Crossing } from './crossings.ts';
import { forwardsFrames, type Topology } from './topology.ts';

export class Segments {
  readonly #forwarders: ReadonlySet<string>;
  readonly #parent = new Map<string, string>();

  constructor(topology: Topology) {
    this.#forwarders = new Set(topology.nodes.filter(({ kind }) => forwardsFrames(kind)).map(({ name }) => name));
    const linkOfForwarder = new Map<string, string>();
    for (const { id, a, b } of topology.links) {
      for (const { node } of [a, b]) {
        if (!this.#forwarders.has(node)) continue;
        const other = linkOfForwarder.get(node);
        if (other === undefined) linkOfForwarder.set(node, id);
        else this.#parent.set(this.of(id), this.of(other));
      }
    }
  }

  /** The segment's name: one of its links, the same for all of them. */
  of(link: string): string {
    for (let at = link; ; ) {
      const parent = this.#parent.get(at);
      if (parent === undefined || parent === at) return at;
      at = parent;
    }
  }

  /** The frame's first crossing: from the host or router that made it, not from a switch or hub that passes it on. */
  isFirst(crossing: Crossing): boolean {
    return !crossing.isCopy && this.isFromMaker(crossing);
  }

  /** The same, or a copy of it that the first link made. */
  isFromMaker(crossing: Crossing): boolean {
    return !this.#forwarders.has(crossing.from.node);
  }
}
