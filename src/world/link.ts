import type { Nanos } from '../kernel/journal.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Cable } from '../layers/1-physical/cable/cable.ts';
import type { CableEnd, Crossings, Verdict } from '../layers/1-physical/cable/channel.ts';
import { type Depth, Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import type { Pdu } from '../layers/pdu.ts';
import type { LinkChange, LinkSpec, ScriptedFault } from '../scenario/scenario.ts';
import { markFrame } from './congestion-mark.ts';
import type { FaultRule } from './fault-rule.ts';
import { Overlay } from './overlay.ts';

export type Direction = 'aToB' | 'bToA';

/** Somebody who looks at every frame of a link as its first bit leaves: a scripted fault, a `when`, a partition. */
export type Watcher = OctetsWatcher | FrameWatcher;

interface OctetsWatcher {
  readonly depth: 'octets';
  /** Whatever comes, it will do nothing more. */
  readonly isOver: boolean;
  judge(seen: Pick<SeenFrame, 'bytes'>): Verdict;
}

interface FrameWatcher {
  readonly depth: Depth;
  readonly isOver: boolean;
  judge(seen: SeenFrame): Verdict;
}

export interface SeenFrame {
  readonly link: string;
  /** The node that sends. */
  readonly node: string;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly crossing: number;
  readonly dissection: Dissection;
}

/** A link of the scenario: the cable, and those who look at it. No frame is read further than a watcher looks. */
export class Link {
  readonly id: string;
  readonly spec: LinkSpec;
  readonly cable: Cable;
  readonly #kernel: Kernel;
  readonly #aToB: Overlay<LinkSpec['aToB']>;
  readonly #bToA: Overlay<LinkSpec['aToB']>;
  #watchers: readonly Watcher[] = [];
  #strike: ((crossing: number) => Verdict) | null = null;
  #dissector: Dissector | null = null;
  #depth: Depth | null = null;
  #seen = 0;

  constructor(kernel: Kernel, spec: LinkSpec, a: CableEnd, b: CableEnd, crossings: Crossings) {
    this.id = spec.id;
    this.spec = spec;
    this.#kernel = kernel;
    this.#aToB = new Overlay(spec.aToB);
    this.#bToA = new Overlay(spec.bToA);
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
      this.watch(new RuleWatcher(rule, isWatched));
    }
  }

  watch(watcher: Watcher): void {
    this.#watchers = [...this.#watchers, watcher];
    const { depth } = watcher;
    if (depth !== 'octets' && this.#depth !== depth && this.#depth !== 'messages') {
      this.#depth = depth;
      this.#dissector = new Dissector({ verify: this.#kernel.journal.recording, depth });
    }
    this.#look();
  }

  /** Decides by the number of a crossing, where no watcher has: frames are not dissected for that. */
  strike(verdictOf: (crossing: number) => Verdict): void {
    this.#strike = verdictOf;
    this.#look();
  }

  #look(): void {
    const isWatched = this.#watchers.length > 0 || this.#strike !== null;
    this.cable.aToB.inspector = isWatched ? (frame, crossing) => this.#inspect('aToB', frame, crossing) : null;
    this.cable.bToA.inspector = isWatched ? (frame, crossing) => this.#inspect('bToA', frame, crossing) : null;
  }

  /** Those who will do nothing more go, and with the last who reads frames the reading ends. */
  #dismiss(): void {
    this.#watchers = this.#watchers.filter(({ isOver }) => !isOver);
    if (this.#watchers.every(({ depth }) => depth === 'octets')) {
      this.#depth = null;
      this.#dissector = null;
    }
    this.#look();
  }

  /** Changes what is named, for both directions; returns how to undo that. */
  change(aToB: LinkChange, bToA: LinkChange): () => void {
    const undo = [this.#aToB.lay(defined(aToB)), this.#bToA.lay(defined(bToA))];
    this.#impair();
    return () => {
      for (const each of undo) each();
      this.#impair();
    };
  }

  #impair(): void {
    this.cable.aToB.impairments = this.#aToB.current;
    this.cable.bToA.impairments = this.#bToA.current;
  }

  /** Every watcher sees every frame, so that their counts go on; the first that does something decides. */
  #inspect(direction: Direction, frame: Pdu, crossing: number): Verdict {
    const watched = this.#watchers.length > 0 ? this.#watched(direction, frame.shown(), crossing) : 'pass';
    return watched === 'pass' ? (this.#strike?.(crossing) ?? 'pass') : watched;
  }

  #watched(direction: Direction, bytes: Uint8Array, crossing: number): Verdict {
    const seen = this.#dissector ? this.#read(this.#dissector, direction, bytes, crossing) : null;
    let decided: Verdict = 'pass';
    let isSomeOver = false;
    for (const watcher of this.#watchers) {
      const verdict = watcher.depth === 'octets' ? watcher.judge({ bytes }) : watcher.judge(seen as SeenFrame);
      if (decided === 'pass') decided = verdict;
      isSomeOver ||= watcher.isOver;
    }
    if (isSomeOver) this.#dismiss();
    return decided;
  }

  #read(dissector: Dissector, direction: Direction, bytes: Uint8Array, crossing: number): SeenFrame {
    const nowNs: Nanos = this.#kernel.nowNs;
    const dissection = dissector.dissect({ bytes, number: ++this.#seen, atNs: nowNs, fcs: true });
    const node = direction === 'aToB' ? this.spec.a.node : this.spec.b.node;
    return { link: this.id, node, direction, bytes, crossing, dissection };
  }
}

/** A scripted fault, where it is written. */
class RuleWatcher implements FrameWatcher {
  readonly depth: Depth;
  readonly #rule: FaultRule;
  readonly #isWatched: Readonly<Record<Direction, boolean>>;

  constructor(rule: FaultRule, isWatched: Readonly<Record<Direction, boolean>>) {
    this.depth = rule.depth;
    this.#rule = rule;
    this.#isWatched = isWatched;
  }

  get isOver(): boolean {
    return this.#rule.isOver;
  }

  judge(seen: SeenFrame): Verdict {
    return this.#isWatched[seen.direction] ? this.#rule.judge(seen) : 'pass';
  }
}

function defined(change: LinkChange): Partial<LinkSpec['aToB']> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
