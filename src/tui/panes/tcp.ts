/** One connection as one of its ends lives it: state, windows, times, what is in flight; zoomed, its whole course. */

import { beliefOf } from '../../projections/belief.ts';
import { cellsOf } from '../../projections/printable.ts';
import type { TcpEnd } from '../../projections/tcp-log.ts';
import { duration, seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { StyleId } from '../style.ts';
import { shownEnd, type View } from '../view.ts';
import { BELIEF_GLYPHS } from './belief.ts';
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
  const isTall = rect.height >= 16;
  drawStates(canvas, rect, view, end, rect.width >= 74);
  let y = rect.y + (rect.height >= 7 ? 2 : 1);
  y = drawMeasures(canvas, { ...rect, y }, view, end, rect.y + rect.height);
  if (!isTall) return;
  y = drawSendBuffer(canvas, { ...rect, y: y + 1 }, view, end);
  const room = rect.y + rect.height - y - 1;
  if (room >= 5) drawPlot(canvas, { ...rect, y: y + 1, height: room }, view, end);
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

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** The last values of a metric as bars, the newest at the right. */
function sparkline(view: View, path: string, cells: number): string {
  const { chronicle, seq } = view;
  const series = chronicle.series.series(path);
  if (!series) return '';
  let count = series.seqs.length;
  while (count > 0 && (series.seqs[count - 1] as number) > seq) count--;
  const values = series.values.slice(Math.max(0, count - cells), count);
  const most = Math.max(1, ...values);
  return values.map((value) => BLOCKS[Math.max(1, Math.round((value / most) * 8))] ?? ' ').join('');
}

function drawMeasures(canvas: Canvas, rect: Rect, view: View, end: TcpEnd, bottom: number): number {
  const { theme, chronicle, seq } = view;
  const value = (name: string) => chronicle.series.valueAt(`${end.path}.${name}`, seq);
  const mss = segmentSize(end);
  const [cwnd, ssthresh, srtt, rto] = [value('cwnd'), value('ssthresh'), value('srtt'), value('rto')];
  const fired = chronicle.series.firedInARow(`${end.path}.retransmission`, seq);
  const due = chronicle.series.dueAt(`${end.path}.retransmission`, seq);
  const belief = beliefOf(chronicle, end, seq);
  const x = rect.x + 1;
  const graph = Math.max(8, Math.min(rect.width - 26, 40));
  let { y } = rect;
  const line = (label: string, bars: string, style: StyleId, text: string, textStyle: StyleId) => {
    if (y >= bottom) return;
    canvas.text(x, y, label, theme.text);
    canvas.text(x + 7, y, bars, style, graph);
    canvas.text(x + 8 + graph, y, text, textStyle, rect.width - graph - 9);
    y++;
  };
  const threshold = ssthresh === undefined ? '' : `  ssthr ${windowText(ssthresh, mss)}`;
  line(
    'cwnd',
    sparkline(view, `${end.path}.cwnd`, graph),
    theme.layer(4),
    cwnd === undefined ? '–' : `${windowText(cwnd, mss)}${threshold}`,
    theme.strong,
  );
  line(
    'RTT',
    sparkline(view, `${end.path}.srtt`, graph),
    theme.layer(3),
    srtt === undefined ? '–' : duration(rounded(srtt)),
    theme.strong,
  );
  if (y < bottom) {
    canvas.text(x, y, 'RTO', theme.text);
    const text = rto === undefined ? '–' : `${seconds(rto, 3)} s${fired > 0 ? ' (backed off)' : ''}`;
    const at = canvas.text(x + 7, y, text, fired > 0 ? theme.errorStrong : theme.strong);
    if (due !== null) canvas.text(at + 2, y, `due at ${seconds(due, 3)} s`, theme.dim, rect.x + rect.width - at - 2);
    y++;
  }
  if (y < bottom) {
    canvas.text(x, y, 'flight', theme.text);
    const at = canvas.text(x + 7, y, `${belief.believedInFlight} B`, theme.strong);
    const next = canvas.text(at + 1, y, 'of window', theme.dim);
    canvas.text(next + 1, y, `${value('sndwnd') ?? '–'}`, theme.strong, rect.x + rect.width - next - 1);
    y++;
  }
  if (y < bottom) {
    canvas.text(x, y, 'truth', theme.text);
    const lost = belief.outstanding.filter(({ truth }) => truth === 'lost').length;
    const text = lost > 0 ? `✗ ${lost} lost` : `${belief.trulyInFlight} B on the way`;
    const at = canvas.text(x + 7, y, text, lost > 0 ? theme.errorStrong : theme.strong);
    const known = belief.differs ? `${end.node} does not know` : lost > 0 ? `${end.node} knows` : '';
    canvas.text(at + 2, y, known, belief.differs ? theme.warning : theme.dim, rect.x + rect.width - at - 2);
    y++;
  }
  if (y < bottom) {
    canvas.text(x, y, 'dupack', theme.text);
    const at = canvas.text(
      x + 7,
      y,
      String(belief.duplicateAcks),
      belief.duplicateAcks > 0 ? theme.warning : theme.strong,
    );
    canvas.text(
      at + 1,
      y,
      belief.duplicateAcks > 0 ? `of 3 until it is believed lost` : '',
      theme.dim,
      rect.x + rect.width - at - 1,
    );
    y++;
  }
  if (y < bottom) {
    const link = linkOf(view, end);
    if (link) {
      canvas.text(x, y, 'link', theme.text);
      canvas.text(x + 7, y, link, theme.dim, rect.width - 8);
      y++;
    }
  }
  return y;
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
function segmentSize(end: TcpEnd): number {
  let most = 0;
  for (const { dataBytes } of end.sent) most = Math.max(most, dataBytes);
  return most > 0 ? most : 1460;
}

function linkOf(view: View, end: TcpEnd): string | null {
  const link = view.chronicle.topology.links.find(({ a, b }) => a.node === end.node || b.node === end.node);
  return view.model.host.links.find(({ id }) => id === link?.id)?.text ?? null;
}

/** The sequence space around what is not acknowledged: true fates beside what the sender thinks. */
function drawSendBuffer(canvas: Canvas, rect: Rect, view: View, end: TcpEnd): number {
  const { theme, chronicle, seq } = view;
  const belief = beliefOf(chronicle, end, seq);
  const { x, y, width } = rect;
  canvas.text(x + 1, y, 'send buffer', theme.text);
  canvas.text(x + 15, y, `una ${belief.unacknowledged}   nxt ${belief.next}`, theme.strong, width - 16);
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
  canvas.text(x + 10, y + 3, '▓ on its way   █ arrived   ░ lost', theme.dim, cells);
  return y + 4;
}
