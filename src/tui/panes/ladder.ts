/** The ladder as far as it has come: who sent what to whom, dashes and ✗ for what was lost, ● for what is on its way. */

import type { Chronicle } from '../../projections/chronicle.ts';
import type { Passage } from '../../projections/crossing-log.ts';
import { cellsOf } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { flaggedFrames } from '../lesson.ts';
import type { Matches } from '../matches.ts';
import type { StyleId } from '../style.ts';
import type { Theme } from '../theme.ts';
import type { View } from '../view.ts';
import { framesInSight } from './sight.ts';

/** What a ladder is drawn of; two stand side by side in a comparison. */
export interface LadderSource {
  readonly chronicle: Chronicle;
  readonly theme: Theme;
  readonly seq: number;
  readonly nowNs: number;
  /** The chosen crossing. */
  readonly frame: number;
  readonly matches: Matches | null;
  /** Crossings that a lesson points at. */
  readonly flagged?: ReadonlySet<number>;
}

/** The crossings that a ladder shows, newest last, as many as there is room for: two lines each. */
export function ladderFrames(source: LadderSource, rows: number): number[] {
  const { chronicle, seq, matches, frame } = source;
  const most = Math.max(1, Math.floor(rows / 2));
  const count = chronicle.crossings.countAt(seq);
  return framesInSight({ count, frame, ahead: Math.floor(most / 3), matches, seq }, most);
}

export function drawLadderPane(canvas: Canvas, rect: Rect, view: View): void {
  const { chronicle, theme, seq, nowNs, frame, model } = view;
  drawLadder(canvas, rect, {
    chronicle,
    theme,
    seq,
    nowNs,
    frame,
    matches: model.matches,
    flagged: flaggedFrames(model),
  });
}

export function drawLadder(canvas: Canvas, rect: Rect, source: LadderSource): void {
  const { theme } = source;
  const { x, y, width, height } = rect;
  const left = x + 8;
  const right = x + width - 3;
  const frames = ladderFrames(source, height - 1);
  const names = laneNames(source, frames, Math.max(2, Math.floor((right - left) / LANE) + 1));
  const at = (lane: number) =>
    names.length < 2 ? left : left + Math.round((lane * (right - left)) / (names.length - 1));
  const room = names.length < 2 ? width : Math.floor((right - left) / (names.length - 1)) - 1;
  for (const [lane, name] of names.entries()) {
    const cells = Math.min(cellsOf(name), Math.max(4, room));
    const start = Math.max(x + 1, Math.min(at(lane) - Math.floor(cells / 2), x + width - 1 - cells));
    canvas.text(start, y, name, theme.strong, cells);
  }
  for (let row = 1; row < height; row++) {
    const isPast = row <= frames.length * 2;
    for (let lane = 0; lane < names.length; lane++)
      canvas.text(at(lane), y + row, isPast ? '│' : '┊', isPast ? theme.text : theme.dim);
  }
  for (const [index, frame] of frames.entries()) {
    drawArrow(canvas, rect, source, frame, y + 1 + index * 2, { names, at });
  }
}

interface Lanes {
  readonly names: readonly string[];
  at(lane: number): number;
}

/** The least cells from one lane to the next. */
const LANE = 5;

/** In the order of the scenario, or of the chain of links; where there are too many, those of the frames in sight. */
function laneNames({ chronicle, frame }: LadderSource, frames: readonly number[], most: number): string[] {
  const { topology, crossings } = chronicle;
  const names = topology.nodes.map(({ name }) => name);
  if (names.length <= 2) return names;
  if (names.length <= most) return chainOf(topology.nodes, topology.links) ?? names;
  const shown = new Set<string>();
  // The chosen frame first, then the newest: what was long ago gives way.
  for (const index of [frame, ...[...frames].reverse()]) {
    const passage = crossings.all[index];
    if (!passage) continue;
    const ends = [passage.from.node, passage.to.node].filter((name) => !shown.has(name));
    if (shown.size + ends.length > most) continue;
    for (const name of ends) shown.add(name);
  }
  return shown.size < 2 ? names.slice(0, most) : names.filter((name) => shown.has(name));
}

/** When the links form one chain, its order; else null. */
function chainOf(nodes: Chronicle['topology']['nodes'], links: Chronicle['topology']['links']): string[] | null {
  const beside = new Map(nodes.map(({ name }) => [name, [] as string[]]));
  for (const { a, b } of links) {
    beside.get(a.node)?.push(b.node);
    beside.get(b.node)?.push(a.node);
  }
  const first = nodes.find(({ name }) => beside.get(name)?.length === 1)?.name;
  if (first === undefined || links.length !== nodes.length - 1) return null;
  const chain = [first];
  for (let name: string | undefined = first; name !== undefined; ) {
    name = beside.get(name)?.find((next) => !chain.includes(next));
    if (name !== undefined) chain.push(name);
  }
  return chain.length === nodes.length ? chain : null;
}

function drawArrow(canvas: Canvas, rect: Rect, source: LadderSource, frame: number, y: number, lanes: Lanes): void {
  const { chronicle, theme, seq, nowNs } = source;
  const passage = chronicle.crossings.all[frame] as Passage;
  const crossing = chronicle.crossings.at(passage, seq);
  const [from, to] = [lanes.names.indexOf(passage.from.node), lanes.names.indexOf(passage.to.node)];
  const isChosen = frame === source.frame;
  const isFlagged = source.flagged?.has(frame) ?? false;
  const time = seconds(crossing.takenNs, 3);
  canvas.textBefore(rect.x + 7, y, time, theme.dim, 7);
  if (isChosen) canvas.text(rect.x, y + 1, '▶', theme.accent);
  if (isFlagged) canvas.text(rect.x, y, '!', theme.warning);
  if (from < 0 || to < 0) return;
  const isRight = to > from;
  const start = lanes.at(Math.min(from, to));
  const end = lanes.at(Math.max(from, to));
  const isLost = crossing.fate === 'lost' || crossing.fate === 'damaged';
  const style = isLost
    ? theme.errorStrong
    : isFlagged
      ? theme.warning
      : isChosen
        ? theme.layerStrong(chronicle.frames.textOf(frame).layer)
        : theme.text;
  const inner = end - start - 1;
  drawLabel(canvas, rect, ladderLabel(chronicle, frame, Math.max(inner, 8)), style, y, start, end);
  const line = y + 1;
  canvas.text(start, line, isRight || crossing.departedNs === null ? '├' : '│', theme.text);
  canvas.text(end, line, isRight ? '│' : '┤', theme.text);
  if (crossing.departedNs === null) {
    canvas.text(
      isRight ? start + 1 : end - 6,
      line,
      isLost ? '✗ full' : 'waits',
      isLost ? theme.errorStrong : theme.dim,
      inner,
    );
  } else if (crossing.fate === 'in-flight') {
    const part = flightPart(chronicle, passage, nowNs);
    const cells = Math.max(1, Math.min(inner - 1, Math.round(part * inner)));
    for (let cell = 0; cell < cells; cell++) canvas.text(isRight ? start + 1 + cell : end - 1 - cell, line, '─', style);
    canvas.text(isRight ? start + 1 + cells : end - 1 - cells, line, '●', style);
  } else if (crossing.fate === 'lost') {
    drawLoss(canvas, theme, start, end, line, isRight, crossing.loss?.reason === 'link-down' ? 'cut' : 'lost');
  } else {
    drawDone(canvas, start, end, line, isRight, crossing.fate === 'damaged', style, theme);
  }
}

function drawLabel(
  canvas: Canvas,
  rect: Rect,
  label: string,
  style: StyleId,
  y: number,
  start: number,
  end: number,
): void {
  const inner = end - start - 1;
  const cells = cellsOf(label);
  if (cells <= inner) canvas.textIn(start + 1, y, inner, label, style);
  else {
    const first = Math.max(rect.x + 8, Math.min(start + 1, rect.x + rect.width - 1 - cells));
    canvas.text(first, y, label, style, rect.x + rect.width - 1 - first);
  }
}

function drawLoss(
  canvas: Canvas,
  theme: Theme,
  start: number,
  end: number,
  y: number,
  isRight: boolean,
  word: string,
): void {
  const inner = end - start - 1;
  const dashes = Math.max(1, Math.floor(inner * 0.55));
  for (let cell = 0; cell < dashes; cell++)
    canvas.text(isRight ? start + 1 + cell : end - 1 - cell, y, '╌', theme.error);
  const rest = inner - dashes;
  const text = rest >= 7 ? `✗ ${word}` : '✗';
  if (isRight) canvas.text(start + 1 + dashes, y, text, theme.errorStrong, Math.max(1, rest));
  else canvas.textBefore(end - dashes, y, rest >= 7 ? `${word} ✗` : '✗', theme.errorStrong, Math.max(1, rest));
}

function drawDone(
  canvas: Canvas,
  start: number,
  end: number,
  y: number,
  isRight: boolean,
  isDamaged: boolean,
  style: StyleId,
  theme: Theme,
): void {
  const glyph = isDamaged ? '╌' : '─';
  for (let column = start + 1; column < end; column++) canvas.text(column, y, glyph, style);
  canvas.text(isRight ? end - 1 : start + 1, y, isRight ? '▶' : '◀', style);
  if (isDamaged) canvas.text(isRight ? end - 2 : start + 2, y, '✗', theme.errorStrong);
}

/** How much of its way lies behind a frame. */
export function flightPart(chronicle: Chronicle, passage: Passage, nowNs: number): number {
  const departed = chronicle.entries[passage.departedSeq];
  if (departed?.event.kind !== 'departed' || departed.event.measure === 0) return 0;
  return Math.min(1, (nowNs - departed.atNs) / departed.event.measure);
}

/** tshark's words in as few cells as there are: what matters of a segment is its flags and numbers. */
function ladderLabel(chronicle: Chronicle, frame: number, cells: number): string {
  const { protocol, info } = chronicle.frames.textOf(frame);
  if (protocol === 'ARP')
    return info.startsWith('Who has') ? (cells > 24 ? info.replace(/\? Tell.*/, '?') : 'ARP who-has') : 'ARP is-at';
  if (protocol !== 'TCP')
    return info.length <= cells ? info : `${protocol} ${info}`.length <= cells ? `${protocol} ${info}` : info;
  const flags = /\[([A-Z, ]+)\]/.exec(info.replace(/^(\[TCP [^\]]*\] ?)+/, ''))?.[1] ?? '';
  const seq = /Seq=(\d+)/.exec(info)?.[1] ?? '';
  const ack = /Ack=(\d+)/.exec(info)?.[1];
  const length = /Len=(\d+)/.exec(info)?.[1] ?? '0';
  const names = flags.split(', ');
  const again = /Retransmission\]/.test(info) ? '⟲ ' : '';
  if (names.includes('SYN')) return `${again}${names.includes('ACK') ? 'SYN+ACK' : 'SYN'} seq ${seq}`;
  if (names.includes('RST')) return `RST seq ${seq}`;
  const end = names.includes('FIN') ? 'FIN ' : '';
  if (length !== '0') return `${again}${end}${length} B seq ${seq}`;
  return end !== '' ? `${again}FIN seq ${seq}` : `ACK ${ack ?? ''}${/Dup ACK/.test(info) ? ' dup' : ''}`;
}
