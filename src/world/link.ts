import type { Nanos } from '../kernel/journal.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Cable } from '../layers/1-physical/cable/cable.ts';
import type { CableEnd, Crossings, Verdict } from '../layers/1-physical/cable/channel.ts';
import { Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import type { Pdu } from '../layers/pdu.ts';
import type { LinkChange, LinkSpec, ScriptedFault } from '../scenario/scenario.ts';
import { markFrame } from './congestion-mark.ts';
import type { FaultRule } from './fault-rule.ts';

export type Direction = 'aToB' | 'bToA';

/** Somebody who looks at every frame of a link as its first bit leaves: a scripted fault, a `when`, a partition. */
export type Watcher = (seen: SeenFrame) => Verdict;

export interface SeenFrame {
  readonly link: string;
  /** The node that sends. */
  readonly node: string;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly crossing: number;
  readonly dissection: Dissection;
}

/** A link of the scenario: the cable, and those who look at it. Without a watcher no frame is ever dissected. */
export class Link {
  readonly id: string;
  readonly spec: LinkSpec;
  readonly cable: Cable;
  readonly #kernel: Kernel;
  readonly #watchers: Watcher[] = [];
  #strike: (crossing: number) => Verdict = () => 'pass';
  #dissector: Dissector | null = null;
  #seen = 0;

  constructor(kernel: Kernel, spec: LinkSpec, a: CableEnd, b: CableEnd, crossings: Crossings) {
    this.id = spec.id;
    this.spec = spec;
    this.#kernel = kernel;
    this.cable = new Cable(kernel, spec.id, a, b, spec.aToB, spec.bToA, crossings);
    const marker = (frame: Pdu) => markFrame(frame, kernel.journal.recording);
    this.cable.aToB.marker = marker;
    this.cable.bToA.marker = marker;
  }

  /**
   * Makes the scripted faults of the scenario; apart from the constructor, because filters need every node's name. A
   * fault that was written for the whole link stands in both directions and is one rule with one count.
   */
  arm(makeRule: (fault: ScriptedFault) => FaultRule): void {
    const { aToB, bToA } = this.spec;
    for (const fault of new Set([...aToB.scripted, ...bToA.scripted])) {
      const rule = makeRule(fault);
      const isWatched = { aToB: aToB.scripted.includes(fault), bToA: bToA.scripted.includes(fault) };
      this.watch((seen) => (isWatched[seen.direction] ? rule.judge(seen) : 'pass'));
    }
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
    this.#dissector ??= new Dissector({ verify: this.#kernel.journal.recording });
    this.#look();
  }

  /** Decides by the number of a crossing, where no watcher has: frames are not dissected for that. */
  strike(verdictOf: (crossing: number) => Verdict): void {
    this.#strike = verdictOf;
    this.#look();
  }

  #look(): void {
    this.cable.aToB.inspector = (bytes, crossing) => this.#inspect('aToB', bytes, crossing);
    this.cable.bToA.inspector = (bytes, crossing) => this.#inspect('bToA', bytes, crossing);
  }

  change(aToB: LinkChange, bToA: LinkChange): void {
    this.cable.aToB.impairments = { ...this.cable.aToB.impairments, ...defined(aToB) };
    this.cable.bToA.impairments = { ...this.cable.bToA.impairments, ...defined(bToA) };
  }

  /** What `change` would overwrite, to put it back. */
  current(change: LinkChange, direction: Direction): LinkChange {
    const now = this.cable[direction].impairments;
    return Object.fromEntries(Object.keys(defined(change)).map((key) => [key, now[key as keyof typeof now]]));
  }

  /** Every watcher sees every frame, so that their counts go on; the first that does something decides. */
  #inspect(direction: Direction, bytes: Uint8Array, crossing: number): Verdict {
    const watched = this.#dissector ? this.#watched(this.#dissector, direction, bytes, crossing) : 'pass';
    return watched === 'pass' ? this.#strike(crossing) : watched;
  }

  #watched(dissector: Dissector, direction: Direction, bytes: Uint8Array, crossing: number): Verdict {
    const nowNs: Nanos = this.#kernel.nowNs;
    const number = ++this.#seen;
    const dissection = dissector.dissect({ bytes, number, atNs: nowNs, fcs: true });
    const node = direction === 'aToB' ? this.spec.a.node : this.spec.b.node;
    const seen = { link: this.id, node, direction, bytes, crossing, dissection };
    let decided: Verdict = 'pass';
    for (const watcher of this.#watchers) {
      const verdict = watcher(seen);
      if (decided === 'pass') decided = verdict;
    }
    return decided;
  }
}

function defined(change: LinkChange): Partial<LinkSpec['aToB']> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
