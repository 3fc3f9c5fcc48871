/** Makes the scenario's timeline happen: at a time, after another entry, or when a frame matches; and undoes it. */

import type { Kernel } from '../kernel/kernel.ts';
import type { Verdict } from '../layers/1-physical/cable/channel.ts';
import type { Action, FilterSpec, TimelineEntry } from '../scenario/scenario.ts';
import type { IpAddress } from '../wire/address.ts';
import { actionText } from './action-text.ts';
import type { FrameTest } from './frame-matcher.ts';
import type { SeenFrame } from './link.ts';
import { Partition } from './partition.ts';
import { directedMtu, type World } from './world.ts';

export type Matcher = (filter: FilterSpec) => FrameTest;

export class Timeline {
  readonly #kernel: Kernel;
  readonly #world: World;
  readonly #entries: readonly TimelineEntry[];
  /** What waits for an entry, by its id, and how much longer. */
  readonly #followers = new Map<string, { readonly next: TimelineEntry; readonly waitNs: number }[]>();
  readonly #matcher: Matcher;
  readonly #addresses: (node: string) => readonly IpAddress[];

  constructor(
    kernel: Kernel,
    world: World,
    entries: readonly TimelineEntry[],
    matcher: Matcher,
    addresses: (node: string) => readonly IpAddress[],
  ) {
    this.#kernel = kernel;
    this.#world = world;
    this.#entries = entries;
    this.#matcher = matcher;
    this.#addresses = addresses;
  }

  /** Schedules what has a time and watches for what has a filter; entries of one time happen in file order. */
  arm(): void {
    for (const entry of this.#entries) {
      const { start } = entry;
      if (start.kind === 'at') this.#kernel.after(start.atNs - this.#kernel.nowNs, () => this.#happen(entry));
      if (start.kind === 'when') this.#watchFor(entry, start.match, start.waitNs);
      if (start.kind === 'after') {
        const others = this.#followers.get(start.id) ?? [];
        this.#followers.set(start.id, [...others, { next: entry, waitNs: start.waitNs }]);
      }
    }
  }

  /** The first frame that matches, on whatever link, lets it happen: right after the frame's first bit has left. */
  #watchFor(entry: TimelineEntry, match: FilterSpec, waitNs: number): void {
    const matches = this.#matcher(match);
    const watcher = {
      depth: matches.depth,
      isOver: false,
      judge: (seen: SeenFrame): Verdict => {
        if (!watcher.isOver && matches.test(seen)) {
          watcher.isOver = true;
          this.#kernel.after(waitNs, () => this.#happen(entry));
        }
        return 'pass';
      },
    };
    for (const link of this.#world.links.values()) link.watch(watcher);
  }

  #happen(entry: TimelineEntry): void {
    const undo = this.perform(entry.action, entry.id);
    if (entry.forNs !== null) {
      this.#kernel.after(entry.forNs, () => {
        this.#record(entry.action, 'over: ');
        undo();
      });
    }
    if (entry.id === null) return;
    for (const { next, waitNs } of this.#followers.get(entry.id) ?? []) {
      this.#kernel.after(waitNs, () => this.#happen(next));
    }
  }

  /** Does it now and returns how to end it as `for` would, with the same entry in the journal. */
  performUntil(action: Action): () => void {
    const undo = this.perform(action);
    const { journal } = this.#kernel;
    const because = journal.cause;
    return () => {
      journal.cause = because;
      this.#record(action, 'over: ');
      undo();
    };
  }

  /**
   * Does it now and returns how to undo it; what cannot be undone (a ping that was sent) undoes nothing. `id`: of the
   * entry that says so; its input is then `timeline.ID`.
   */
  perform(action: Action, id: string | null = null): () => void {
    this.#record(action, '', id);
    switch (action.kind) {
      case 'set-link':
        return this.#setLink(action);
      case 'crash':
        this.#world.crash(action.node);
        return () => this.#world.restart(action.node);
      case 'pause': {
        const context = this.#world.contextOf(action.node);
        context?.power.pause();
        return () => context?.power.resume();
      }
      case 'skew':
        return this.#world.skew(action.node, action.skewNs);
      case 'partition':
        return this.#partition(action);
      default: {
        const host = this.#world.hosts.get(action.node);
        if (!host) return () => {};
        const { power } = host.context;
        if (power.isOn) host.perform(action);
        else power.hold(() => host.perform(action));
        return () => {};
      }
    }
  }

  #setLink({ link: id, aToB, bToA, ...mtu }: Extract<Action, { readonly kind: 'set-link' }>): () => void {
    const link = this.#world.links.get(id);
    if (!link) return () => {};
    const undoChange = link.change(aToB, bToA);
    const undoMtu = this.#world.setMtu(id, directedMtu(mtu));
    return () => {
      undoChange();
      undoMtu();
    };
  }

  #partition({ node, others }: Extract<Action, { readonly kind: 'partition' }>): () => void {
    const theirs = others.flatMap((other) => this.#addresses(other));
    const partition = new Partition(node, this.#addresses(node), others, theirs);
    for (const link of this.#world.links.values()) link.watch(partition);
    return () => {
      partition.isOver = true;
    };
  }

  /** What comes from outside the model is an entry of its own, and the cause of what follows. */
  #record(action: Action, prefix: string, id: string | null = null): void {
    const { journal, nowNs } = this.#kernel;
    if (!journal.recording) return;
    const where = action.kind === 'set-link' ? action.link : action.node;
    const machine = id === null ? 'timeline' : `timeline.${id}`;
    const text = `${prefix}${actionText(action)}`;
    journal.cause = journal.append(nowNs, where, { kind: 'input', layer: 7, machine, text });
  }
}
