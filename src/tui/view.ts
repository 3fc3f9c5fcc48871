/** What one paint needs, worked out once: a pure function of (journal, cursor, what is looked at). */

import type { Entry, LayerNumber } from '../kernel/journal.ts';
import type { Chronicle } from '../projections/chronicle.ts';
import { type PacketView, stackAt } from '../projections/stack-at.ts';
import type { TcpEnd } from '../projections/tcp-log.ts';
import { whyAt } from '../projections/why.ts';
import { whySeen } from '../projections/why-seen.ts';
import { protocolsOf, type TreeProtocol, type TreeRow, treeRows } from './field-tree.ts';
import { cursorOf, type Model, storyOf } from './model.ts';
import type { Story } from './story.ts';
import { type Theme, themeOf } from './theme.ts';

export interface View {
  readonly model: Model;
  readonly theme: Theme;
  readonly story: Story;
  readonly chronicle: Chronicle;
  readonly seq: number;
  readonly entry: Entry | null;
  readonly nowNs: number;
  readonly packet: PacketView | null;
  /** The crossing that the cursor is about; -1: none. */
  readonly frame: number;
  readonly protocols: readonly TreeProtocol[];
  readonly rows: readonly TreeRow[];
  readonly chosen: TreeRow | null;
  /** The layer that is worked in at the cursor. */
  readonly layer: LayerNumber;
  readonly why: string;
}

export function viewOf(model: Model): View {
  const story = storyOf(model);
  const { chronicle } = story;
  const seq = cursorOf(model);
  const entry = story.entries[seq] ?? null;
  const packet = stackAt(chronicle.entries, chronicle.crossings, seq);
  const protocols = packet ? protocolsOf(story, packet) : [];
  const rows = treeRows(protocols, model.collapsed);
  return {
    model,
    theme: themeOf(model.theme),
    story,
    chronicle,
    seq,
    entry,
    nowNs: entry?.atNs ?? 0,
    packet,
    frame: packet?.passage && packet.phase !== 'down' ? packet.passage.index : -1,
    protocols,
    rows,
    chosen: rows.find(({ name }) => name === model.field) ?? null,
    layer: entry?.event.layer ?? 1,
    why: story.run.source ? whySeen(chronicle, seq) : whyAt(chronicle, seq),
  };
}

/** The protocol whose header is drawn as bits: of the chosen field, else of the layer at the cursor, else the outermost. */
export function drawnProtocol(view: View): TreeProtocol | null {
  const { chosen, layer, packet } = view;
  // What an application wrote has no header.
  const protocols = view.protocols.filter(({ name }) => name !== 'data');
  const byChoice = chosen ? protocols.find(({ name }) => name === chosen.protocol) : undefined;
  const wanted = packet?.phase === 'wire' || packet?.phase === 'queued' ? 2 : layer;
  return byChoice ?? protocols.findLast((one) => one.layer === wanted) ?? protocols[0] ?? null;
}

/** The end of a connection that panes tell of: the chosen one, else the one that the cursor is about, else the last. */
export function shownEnd(view: View): TcpEnd | null {
  const { chronicle, seq, model, packet, entry } = view;
  const ends = chronicle.tcp.endsAt(seq);
  const chosen = ends.find(({ path }) => path === model.connection);
  if (chosen) return chosen;
  const machine = entry && 'machine' in entry.event ? entry.event.machine : null;
  const own = ends.find(({ node, machine: name }) => node === entry?.node && name === machine);
  if (own) return activeOf(ends, own);
  const segment = packet?.nest.find(({ protocol }) => protocol === 'tcp');
  const made = segment ? chronicle.entries[segment.seq] : undefined;
  if (made?.event.kind === 'encoded') {
    const via = made.event.via;
    const maker = ends.find(({ node, machine: name }) => node === made.node && name === via);
    if (maker) return activeOf(ends, maker);
  }
  return ends.find(({ node }) => node === entry?.node) ?? ends[0] ?? null;
}

/** The other end of a connection; null: it has sent and heard nothing yet. */
export function peerOf(ends: readonly TcpEnd[], end: TcpEnd): TcpEnd | null {
  const isPeer = (one: TcpEnd) => one.localPort === end.remotePort && one.remotePort === end.localPort;
  return ends.find((one) => one !== end && isPeer(one)) ?? null;
}

/** Of the two ends of a connection the one that opened it, so that the pane does not swap sides with every packet. */
function activeOf(ends: readonly TcpEnd[], end: TcpEnd): TcpEnd {
  const peer = peerOf(ends, end);
  return peer && ends.indexOf(peer) < ends.indexOf(end) ? peer : end;
}
