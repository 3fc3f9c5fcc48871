/** A run: a pure function of (scenario, seed, inputs). It only ever goes forward; the past is in its journal. */

import { type Entry, Journal, type Nanos } from '../kernel/journal.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { Verdict } from '../layers/1-physical/cable/channel.ts';
import type { Action, InterfaceSpec, LinkEnd, Scenario } from '../scenario/scenario.ts';
import type { IpAddress } from '../wire/address.ts';
import { linkLocalOf } from '../wire/ipv6-address.ts';
import { FaultRule } from './fault-rule.ts';
import { frameMatcher } from './frame-matcher.ts';
import type { OutsideEnd } from './outside.ts';
import { Timeline } from './timeline.ts';
import { type TellPrograms, World } from './world.ts';

/** What a person adds to a run. */
export type Input =
  /** Something done now, as the timeline does it. */
  | { readonly kind: 'action'; readonly action: Action }
  /** What happens to one crossing of a link when its first bit leaves; crossings keep their numbers in a branch. */
  | { readonly kind: 'frame'; readonly crossing: number; readonly verdict: Exclude<Verdict, 'pass'> };

/** An input and how many events of the kernel had happened before it. */
interface Injected {
  readonly after: number;
  readonly input: Input;
}

/** Frames of one direction of a link; what is neither delivered nor dropped still waits or flies. */
export interface FrameCount {
  readonly sent: number;
  readonly delivered: number;
  readonly dropped: number;
}

export interface LinkCount {
  readonly id: string;
  readonly aToB: FrameCount;
  readonly bToA: FrameCount;
}

export interface ApplicationCount {
  readonly node: string;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface RunOptions {
  /** In place of the scenario's. */
  readonly seed?: string;
  /** False: no journal; the run is as fast as it can be, and what it does is the same. */
  readonly record?: boolean;
  /** Hears what becomes of the sockets that `socket` actions opened; without it nobody does, and the run is the same. */
  readonly tell?: TellPrograms;
}

export class Run {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly journal: Journal;
  readonly #kernel: Kernel;
  readonly #world: World;
  readonly #timeline: Timeline;
  readonly #inputs: Injected[] = [];
  readonly #verdicts = new Map<number, Exclude<Verdict, 'pass'>>();

  constructor(scenario: Scenario, options: RunOptions = {}) {
    this.scenario = scenario;
    this.seed = options.seed ?? scenario.seed;
    this.journal = new Journal(options.record ?? true);
    this.#kernel = new Kernel(this.seed, this.journal);
    this.#kernel.untilNs = scenario.untilNs;
    this.#world = new World(this.#kernel, scenario, options.tell);
    const matcher = frameMatcher(scenario, (node) => this.#world.leaseholders.everHeldBy(node));
    for (const link of this.#world.links.values()) {
      link.arm((fault) => new FaultRule(fault, matcher(fault.match)));
    }
    const addresses = (node: string) => [
      ...this.#world.leaseholders.everHeldBy(node),
      ...scenario.nodes
        .filter(({ name }) => name === node)
        .flatMap(({ interfaces }) => interfaces.flatMap(addressesOn)),
    ];
    this.#timeline = new Timeline(this.#kernel, this.#world, scenario.timeline, matcher, addresses);
    this.#timeline.arm();
  }

  get nowNs(): Nanos {
    return this.#kernel.nowNs;
  }

  /** When the next event is due; infinity when nothing is left to happen. */
  get nextNs(): Nanos {
    return this.#kernel.nextNs;
  }

  /** Events of the kernel so far. */
  get happened(): number {
    return this.#kernel.happened;
  }

  /** What the links have carried so far; known without a journal too. */
  get links(): readonly LinkCount[] {
    return [...this.#world.links.values()].map(({ id, cable }) => ({
      id,
      aToB: countOf(cable.aToB),
      bToA: countOf(cable.bToA),
    }));
  }

  /** What the applications of each node have sent and received so far; known without a journal too. */
  get applications(): readonly ApplicationCount[] {
    return [...this.#world.hosts].map(([node, { applications }]) => ({ node, ...applications }));
  }

  get entries(): readonly Entry[] {
    return this.journal.entries;
  }

  /** Nothing is left to happen before the scenario's `until`. */
  get isOver(): boolean {
    return this.#kernel.nextNs > this.scenario.untilNs;
  }

  /** Lets one event happen; it may append several entries, or none. False when the run is over. */
  step(): boolean {
    if (this.#kernel.step()) return true;
    if (Number.isFinite(this.#kernel.nextNs)) this.#kernel.idleUntil(this.scenario.untilNs);
    return false;
  }

  runToEnd(): void {
    while (this.step());
  }

  /** Lets events happen until a time has passed. */
  runUntil(atNs: Nanos): void {
    while (this.#kernel.nextNs <= atNs && this.step());
    this.#kernel.idleUntil(Math.min(atNs, this.scenario.untilNs));
  }

  /** Moves the clock to a time before which nothing is due. */
  idleUntil(atNs: Nanos): void {
    this.#kernel.idleUntil(atNs);
  }

  /** Returns how to take it back, which is recorded as the end of a timeline entry's `for` is. */
  inject(input: Input): () => void {
    this.#inputs.push({ after: this.happened, input });
    this.journal.cause = null;
    if (input.kind === 'action') return this.#timeline.performUntil(input.action);
    this.#inject(input.crossing, input.verdict);
    return () => {};
  }

  /**
   * Another run from the same seed with one more input, as it stands when entry `atSeq` was made. A frame's fate is
   * known from the start (it changes nothing before the frame leaves); an action happens right after that entry's event.
   */
  branch(atSeq: number, input: Input): Run {
    const twin = new Run(this.scenario, { seed: this.seed, record: true });
    if (input.kind === 'frame') twin.inject(input);
    for (const { after, input: earlier } of this.#inputs) {
      while (twin.happened < after && twin.journal.length <= atSeq && twin.step());
      if (twin.journal.length <= atSeq || earlier.kind === 'frame') twin.inject(earlier);
    }
    while (twin.journal.length <= atSeq && twin.step());
    if (input.kind === 'action') twin.inject(input);
    return twin;
  }

  /** Where frames of a cable that hangs out of the world can be taken and put; null where there is none. */
  outsideEnd(end: LinkEnd): OutsideEnd | null {
    return this.#world.outsideEnd(end);
  }

  #inject(crossing: number, verdict: Exclude<Verdict, 'pass'>): void {
    if (this.#verdicts.size === 0) {
      for (const link of this.#world.links.values()) link.strike((crossing) => this.#verdicts.get(crossing) ?? 'pass');
    }
    this.#verdicts.set(crossing, verdict);
  }
}

function countOf({ sent, delivered, dropped }: FrameCount): FrameCount {
  return { sent, delivered, dropped };
}

export function createRun(scenario: Scenario, options: RunOptions = {}): Run {
  return new Run(scenario, options);
}

/** What an interface may send from; a card that speaks IPv6 has an address on its link, too (RFC 4291 section 2.8). */
function addressesOn({ addresses, mac, ipv6 }: InterfaceSpec): IpAddress[] {
  const written = addresses.map(({ address }) => address);
  return ipv6 ? [...written, linkLocalOf(mac)] : written;
}
