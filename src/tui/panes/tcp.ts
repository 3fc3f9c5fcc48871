/** One connection as one of its ends lives it: state, windows, times, what is in flight; zoomed, its whole course. */

import { beliefOf } from '../../projections/belief.ts';
import { cellsOf } from '../../projections/printable.ts';
import type { TcpEnd } from '../../projections/tcp-log.ts';
import { duration, seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { StyleId } from '../style.ts';
import { peerOf, shownEnd, type View } from '../view.ts';
import { BELIEF_GLYPHS } from './belief.ts';
import { courseOf } from './course.ts';
import { drawPlot } from './plot.ts';

const STATES = ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'] as const;
const PASSIVE = ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'] as const;
const SHORT: Readonly<Record<string, string>> = {
  CLOSED: 'CLO',
  LISTEN: 'LIS',
  'SYN-SENT': 'SYN',
  'SYN-RECEIVED': 'RCV',
  ESTABLISHED: 'EST',
  'FIN-WAIT-1': 'FW1',
  'FIN-WAIT-2': 'FW2',
  'TIME-WAIT': 'TW',
  'CLOSE-WAIT': 'CW',
  'LAST-ACK': 'LA',
  CLOSING: 'CLG',
};

export function tcpNote(view: View): string {
  const end = shownEnd(view);
  return end ? `${end.node}:${end.localPort} → :${end.remotePort}` : 'no connection yet';
}

export function drawTcp(canvas: Canvas, rect: Rect, view: View): void {
  const end = shownEnd(view);
  const { theme } = view;
  if (!end) {
    canvas.text(rect.x + 1, rect.y, 'No TCP connection has begun.', theme.dim, rect.width - 1);
    return;
  }
  const isTall = rect.height >= 15;
  drawStates(canvas, rect, view, end, rect.width >= 74);
  let y = rect.y + (rect.height >= 7 && (!isTall || rect.height >= 22) ? 2 : 1);
  y = drawMeasures(canvas, { ...rect, y }, view, end, rect.y + rect.height);
  if (!isTall) return;
  const isLoose = rect.height >= 22;
  y = drawSendBuffer(canvas, { ...rect, y: isLoose ? y + 1 : y }, view, end, isLoose);
  y = drawReceiveBuffer(canvas, { ...rect, y: isLoose ? y + 1 : y }, view, end, isLoose);
  const top = isLoose ? y + 1 : y;
  const room = rect.y + rect.height - top;
  if (room >= 5) drawPlot(canvas, { ...rect, y: top, height: room }, view, end);
}

/** The states on the way of this end, the present one in brackets; what is still to come is dashed. */
function drawStates(canvas: Canvas, rect: Rect, view: View, end: TcpEnd, isWide: boolean): void {
  const { theme, chronicle, seq } = view;
  const state = chronicle.series.stateAt(end.path, seq)?.event.to ?? 'CLOSED';
  const seen = chronicle.series.statesUntil(end.path, seq).map(({ to }) => to);
  const isPassive = seen[0] === 'SYN-RECEIVED' || seen.includes('CLOSE-WAIT');
  const line: readonly string[] = isPassive ? PASSIVE : STATES;
  const states = line.includes(state)
    ? line
    : [...seen.slice(-3), state].filter((one, at, all) => all.indexOf(one) === at);
  const present = states.lastIndexOf(state);
  let at = rect.x + 1;
  for (const [index, name] of states.entries()) {
    const isNow = index === present;
    const text = isNow ? `[${name}]` : isWide ? name : (SHORT[name] ?? name);
    if (at + cellsOf(text) > rect.x + rect.width) return;
    at = canvas.text(at, rect.y, text, isNow ? theme.good : index < present ? theme.text : theme.dim);
    if (index < states.length - 1 && at + 3 < rect.x + rect.width) {
      at = canvas.text(at, rect.y, index < present ? '─▶' : '╌▷', index < present ? theme.accent : theme.dim);
    }
  }
}

type Piece = readonly [text: string, style: StyleId];

interface Fact {
  readonly label: string;
  readonly pieces: readonly Piece[];
}

/** Two graphs, then facts: one a line, or two where there is breadth and little height. */
function drawMeasures(canvas: Canvas, rect: Rect, view: View, end: TcpEnd, bottom: number): number {
  const { theme, chronicle, seq } = view;
  const value = (name: string) => chronicle.series.valueAt(`${end.path}.${name}`, seq);
  const mss = segmentSize(end, seq);
  const [cwnd, ssthresh, srtt] = [value('cwnd'), value('ssthresh'), value('srtt')];
  const x = rect.x + 1;
  const graph = Math.max(8, Math.min(rect.width - 26, 40));
  let { y } = rect;
  const line = (label: string, name: string, style: StyleId, text: string) => {
    if (y >= bottom) return;
    canvas.text(x, y, label, theme.text);
    canvas.text(x + 7, y, courseOf(view, `${end.path}.${name}`, graph), style, graph);
    canvas.text(x + 8 + graph, y, text, theme.strong, rect.width - graph - 9);
    y++;
  };
  const threshold = ssthresh === undefined ? '' : `  ssthr ${windowText(ssthresh, mss)}`;
  line('cwnd', 'cwnd', theme.layer(4), cwnd === undefined ? '–' : `${windowText(cwnd, mss)}${threshold}`);
  line('RTT', 'srtt', theme.layer(3), srtt === undefined ? '–' : duration(rounded(srtt)));
  const facts = factsOf(view, end);
  const columns = rect.width >= 74 && bottom - rect.y < 24 ? 2 : 1;
  const cells = Math.floor((rect.width - 1) / columns);
  for (const [index, fact] of facts.entries()) {
    const row = y + Math.floor(index / columns);
    if (row < bottom)
      drawFact(canvas, { x: x + (index % columns) * cells, y: row, width: cells - 1, height: 1 }, fact, theme.text);
  }
  return Math.min(bottom, y + Math.ceil(facts.length / columns));
}

function drawFact(canvas: Canvas, rect: Rect, { label, pieces }: Fact, style: StyleId): void {
  canvas.text(rect.x, rect.y, label, style);
  let at = rect.x + 7;
  for (const [text, look] of pieces) {
    if (text !== '') at = canvas.text(at, rect.y, text, look, Math.max(0, rect.x + rect.width - at)) + 1;
  }
}

function factsOf(view: View, end: TcpEnd): Fact[] {
  const { theme, chronicle, seq } = view;
  const value = (name: string) => chronicle.series.valueAt(`${end.path}.${name}`, seq);
  const rto = value('rto');
  const fired = chronicle.series.firedInARow(`${end.path}.retransmission`, seq);
  const due = chronicle.series.dueAt(`${end.path}.retransmission`, seq);
  const belief = beliefOf(chronicle, end, seq);
  const lost = belief.outstanding.filter(({ truth }) => truth === 'lost').length;
  const { duplicateAcks } = belief;
  const link = linkOf(view, end);
  const backedOff = fired > 0 ? ' (backed off)' : '';
  const known = belief.differs ? `${end.node} does not know` : lost > 0 ? `${end.node} knows` : '';
  const facts: Fact[] = [
    {
      label: 'RTO',
      pieces: [
        [rto === undefined ? '–' : `${seconds(rto, 3)} s${backedOff}`, fired > 0 ? theme.errorStrong : theme.strong],
        [due === null ? '' : `due at ${seconds(due, 3)} s`, theme.dim],
      ],
    },
    {
      label: 'flight',
      pieces: [
        [`${belief.believedInFlight} B`, theme.strong],
        ['of window', theme.dim],
        [`${value('sndwnd') ?? '–'}`, theme.strong],
      ],
    },
    {
      label: 'truth',
      pieces: [
        [
          lost > 0 ? `✗ ${lost} lost` : `${belief.trulyInFlight} B on the way`,
          lost > 0 ? theme.errorStrong : theme.strong,
        ],
        [known, belief.differs ? theme.warning : theme.dim],
      ],
    },
    {
      label: 'dupack',
      pieces: [
        [String(duplicateAcks), duplicateAcks > 0 ? theme.warning : theme.strong],
        [duplicateAcks === 0 ? '' : duplicateAcks < 3 ? 'of 3 that tell of a loss' : 'a loss is believed', theme.dim],
      ],
    },
  ];
  if (link) facts.push({ label: 'link', pieces: [[link, theme.dim]] });
  return facts;
}

function rounded(ns: number): number {
  return Math.round(ns / 10_000) * 10_000;
}

function windowText(bytes: number, mss: number): string {
  return mss > 0 && bytes % mss === 0
    ? `${bytes / mss} MSS`
    : mss > 0
      ? `${(bytes / mss).toFixed(1)} MSS`
      : `${bytes} B`;
}

/** The greatest segment sent so far stands for the MSS; before there is one, 1460. */
function segmentSize(end: TcpEnd, seq: number): number {
  return end.sent[end.sentUntil(seq) - 1]?.mostBytes || 1460;
}

function linkOf(view: View, end: TcpEnd): string | null {
  const link = view.chronicle.topology.links.find(({ a, b }) => a.node === end.node || b.node === end.node);
  return view.model.host.links.find(({ id }) => id === link?.id)?.text ?? null;
}

/** The sequence space around what is not acknowledged: true fates beside what the sender thinks. */
function drawSendBuffer(canvas: Canvas, rect: Rect, view: View, end: TcpEnd, isLoose: boolean): number {
  const { theme, chronicle, seq } = view;
  const belief = beliefOf(chronicle, end, seq);
  const { x, y, width } = rect;
  canvas.text(x + 1, y, 'send buffer', theme.text);
  const numbers = `una ${belief.unacknowledged}   nxt ${belief.next}`;
  const at = canvas.text(x + 15, y, numbers, theme.strong, width - 16);
  const cells = width - 12;
  const span = Math.max(1, belief.next - belief.unacknowledged);
  canvas.text(x + 1, y + 1, 'believed', theme.dim);
  canvas.text(x + 1, y + 2, 'truly', theme.dim);
  for (let cell = 0; cell < cells; cell++) {
    const at = belief.unacknowledged + Math.floor((cell / cells) * span);
    const segment = belief.outstanding.findLast(({ segment: { from, length } }) => at >= from && at < from + length);
    const glyphs = segment ? BELIEF_GLYPHS : null;
    const think = segment ? (segment.belief === 'lost' ? 'lost' : 'on its way') : null;
    canvas.text(
      x + 10 + cell,
      y + 1,
      think && glyphs ? glyphs[think] : '·',
      think === 'lost' ? theme.errorStrong : theme.layer(4),
    );
    const truth = segment?.truth ?? null;
    const style = truth === 'lost' ? theme.errorStrong : truth === 'arrived' ? theme.layer(3) : theme.layer(4);
    canvas.text(x + 10 + cell, y + 2, truth && glyphs ? glyphs[truth] : '·', style);
  }
  return (
    y +
    3 +
    drawLegend(canvas, rect, view, '▓ on its way   █ arrived   ░ lost', {
      from: at,
      below: isLoose ? 3 : null,
    })
  );
}

/** Of the end that got more: what came in order, and what waits behind a hole. */
function drawReceiveBuffer(canvas: Canvas, rect: Rect, view: View, end: TcpEnd, isLoose: boolean): number {
  const { theme, chronicle, seq } = view;
  const received = (one: TcpEnd) => one.heard[one.heardUntil(seq) - 1]?.next ?? 0;
  const peer = peerOf(chronicle.tcp.endsAt(seq), end);
  const receiver = peer && received(peer) > received(end) ? peer : end;
  const next = received(receiver);
  const held = receiver.heldAt(seq);
  const window = chronicle.series.valueAt(`${receiver.path}.rcvwnd`, seq);
  const { x, y, width } = rect;
  canvas.text(x + 1, y, 'rcv buffer', theme.text);
  const waiting = held.reduce((sum, { from, to }) => sum + to - from, 0);
  let at = canvas.text(x + 15, y, `nxt ${next}`, theme.strong, width - 16);
  at = canvas.text(at + 3, y, `window ${window ?? '–'}`, theme.strong, x + width - at - 4);
  at = canvas.text(at + 3, y, `of ${receiver.node}`, theme.dim, x + width - at - 4);
  const cells = width - 12;
  const last = held.at(-1);
  if (!last) {
    return (
      y +
      1 +
      drawLegend(canvas, rect, view, 'all that came is in order', {
        from: at,
        below: isLoose ? 1 : null,
      })
    );
  }
  canvas.text(x + 1, y + 1, 'held', theme.dim);
  const span = last.to - next;
  for (let cell = 0; cell < cells; cell++) {
    const octet = next + Math.floor((cell / cells) * span);
    const isHeld = held.some(({ from, to }) => octet >= from && octet < to);
    canvas.text(x + 10 + cell, y + 1, isHeld ? '█' : '·', isHeld ? theme.layer(3) : theme.errorStrong);
  }
  const hole = `${next}–${held[0]?.from ?? next} missing`;
  return (
    y +
    2 +
    drawLegend(canvas, rect, view, `${hole}  █ ${waiting} B wait`, {
      from: at,
      below: isLoose ? 2 : null,
    })
  );
}

/** Under the bars where there is height, else beside the numbers. Answers how many lines it took. */
function drawLegend(
  canvas: Canvas,
  { x, y, width }: Rect,
  { theme }: View,
  text: string,
  { from, below }: { readonly from: number; readonly below: number | null },
): number {
  if (below !== null) canvas.text(x + 10, y + below, text, theme.dim, width - 12);
  else if (cellsOf(text) + 3 <= x + width - from) canvas.textBefore(x + width - 1, y, text, theme.dim);
  return below === null ? 0 : 1;
}
