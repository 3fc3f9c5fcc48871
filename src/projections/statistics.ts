/** What became of the frames of every link and of the PDUs in every node, and whether the count comes out even. */

import type { DropReason, Entry, LayerNumber } from '../kernel/journal.ts';
import { type Crossing, crossingsOf } from './crossings.ts';
import type { Topology } from './topology.ts';

export interface LinkStatistics {
  readonly link: string;
  readonly directions: readonly DirectionStatistics[];
}

/** sent = delivered + damaged + dropped + in flight, in frames; copies that the network made count as sent. */
export interface DirectionStatistics {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly sentBytes: number;
  readonly copies: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly damaged: number;
  readonly dropped: readonly { readonly reason: DropReason; readonly frames: number }[];
  readonly inFlight: number;
}

/** PDUs that ended inside a node. */
export interface NodeDrops {
  readonly node: string;
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly reason: DropReason;
  readonly count: number;
}

export interface Statistics {
  readonly links: readonly LinkStatistics[];
  readonly nodes: readonly NodeDrops[];
  /** What contradicts "no frame is lost from sight"; empty when the count comes out even. */
  readonly leaks: readonly string[];
}

export function statisticsOf(entries: readonly Entry[], topology: Topology): Statistics {
  const { all } = crossingsOf(entries, topology);
  const links = topology.links.map(({ id, a, b }) => {
    const crossings = all.filter((crossing) => crossing.link === id);
    const isFromA = ({ from }: Crossing) => from.node === a.node && from.interface === a.interface;
    return {
      link: id,
      directions: [
        direction(
          a.node,
          b.node,
          crossings.filter((one) => isFromA(one)),
        ),
        direction(
          b.node,
          a.node,
          crossings.filter((one) => !isFromA(one)),
        ),
      ],
    };
  });
  return { links, nodes: nodeDrops(entries), leaks: leaksOf(entries) };
}

function direction(from: string, to: string, crossings: readonly Crossing[]): DirectionStatistics {
  const dropped = new Map<DropReason, number>();
  const byFate = { arrived: 0, damaged: 0, lost: 0, 'in-flight': 0 };
  let sentBytes = 0;
  let deliveredBytes = 0;
  let copies = 0;
  for (const { fate, bytes, loss, isCopy } of crossings) {
    byFate[fate]++;
    sentBytes += bytes.length;
    if (isCopy) copies++;
    if (fate === 'arrived') deliveredBytes += bytes.length;
    if (loss) dropped.set(loss.reason, (dropped.get(loss.reason) ?? 0) + 1);
  }
  return {
    from,
    to,
    sent: crossings.length,
    sentBytes,
    copies,
    delivered: byFate.arrived,
    deliveredBytes,
    damaged: byFate.damaged,
    dropped: [...dropped].map(([reason, frames]) => ({ reason, frames })),
    inFlight: byFate['in-flight'],
  };
}

function nodeDrops(entries: readonly Entry[]): NodeDrops[] {
  const found = new Map<string, { -readonly [K in keyof NodeDrops]: NodeDrops[K] }>();
  for (const { node, event } of entries) {
    if (event.kind !== 'dropped' || event.link !== '') continue;
    const { layer, protocol, reason } = event;
    const key = `${node}/${layer}/${protocol}/${reason}`;
    const drops = found.get(key);
    if (drops) drops.count++;
    else found.set(key, { node, layer, protocol, reason, count: 1 });
  }
  return [...found.values()];
}

/** Checked on the entries themselves: a frame that ends without having begun, or ends twice, is a bug of the simulator. */
function leaksOf(entries: readonly Entry[]): string[] {
  const open = new Set<number>();
  const ended = new Set<number>();
  const leaks: string[] = [];
  for (const { seq, event } of entries) {
    if (event.kind === 'queued' || event.kind === 'departed') open.add(event.frame);
    const isEnd = event.kind === 'arrived' || (event.kind === 'dropped' && event.link !== '');
    if (!isEnd) continue;
    if (ended.has(event.frame)) leaks.push(`entry ${seq}: frame ${event.frame} ended a second time (${event.kind})`);
    if (event.kind === 'arrived' && !open.has(event.frame)) {
      leaks.push(`entry ${seq}: frame ${event.frame} arrived and never departed`);
    }
    ended.add(event.frame);
  }
  return leaks;
}
