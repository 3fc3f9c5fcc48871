/** The ladder as a picture: lifelines, an arrow a frame, a cross where one was lost. */

import type { FoldRow, FrameRow, LadderRow, NoteRow } from '../ladder.ts';
import { columnOrder } from '../ladder-columns.ts';
import { fitted, printable } from '../printable.ts';
import { seconds } from '../time.ts';
import type { Topology } from '../topology.ts';
import { escaped } from './markup.ts';

const ROW = 30;
const HEAD = 40;
const TIMES = 92;
const MARGIN = 24;
/** Two nodes leave room for words on the arrow; more nodes have their words at the right. */
const WIDE_GAP = 500;
const GAP = 120;
const WORDS = 520;
/** Characters that fit. */
const WIDE_CHARACTERS = 66;
const BESIDE_CHARACTERS = 68;

export interface LadderPicture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

interface Pen {
  readonly at: ReadonlyMap<string, number>;
  readonly isWide: boolean;
  readonly right: number;
  readonly width: number;
}

/** `numberOf`: a row of that number can be selected; null: it cannot. Colours are CSS classes, `l1` to `l7` and `bad`. */
export function ladderSvg(
  rows: readonly LadderRow[],
  topology: Topology,
  numberOf: (row: FrameRow) => number | null = () => null,
): LadderPicture {
  const names = columnOrder(topology);
  const isWide = names.length === 2;
  const gap = isWide ? WIDE_GAP : GAP;
  const at = new Map(names.map((name, index) => [name, TIMES + MARGIN + index * gap]));
  const right = TIMES + MARGIN + Math.max(0, names.length - 1) * gap;
  const pen = { at, isWide, right, width: right + (isWide ? TIMES + MARGIN : WORDS) };
  const height = HEAD + rows.length * ROW + MARGIN;
  const heads = names.map(
    (name) => `<text class="name" x="${at.get(name)}" y="18" text-anchor="middle">${escaped(name)}</text>`,
  );
  const lines = names.map((name) => `<path class="life" d="M${at.get(name)} 26V${height - 10}"/>`);
  const drawn = rows.map((row, index) => rowOf(row, HEAD + index * ROW + ROW / 2, pen, numberOf));
  const body = [...lines, ...heads, ...drawn].join('\n');
  return { svg: body, width: pen.width, height };
}

/** A file of its own, with its colours. */
export function ladderDocument(title: string, { svg, width, height }: LadderPicture, style: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    svg,
    '</svg>',
    '',
  ].join('\n');
}

function rowOf(row: LadderRow, y: number, pen: Pen, numberOf: (row: FrameRow) => number | null): string {
  if (row.kind === 'fold') return foldOf(row, y, pen);
  return row.kind === 'note' ? noteOf(row, y, pen) : frameOf(row, y, pen, numberOf(row));
}

function foldOf({ frames, notes, lost }: FoldRow, y: number, { right }: Pen): string {
  const text = `… ${frames} frames${lost > 0 ? ` (${lost} of them lost)` : ''} and ${notes} notes folded`;
  return `<text class="dim" x="${(TIMES + MARGIN + right) / 2}" y="${y + 4}" text-anchor="middle">${text}</text>`;
}

function noteOf({ atNs, moment }: NoteRow, y: number, { at, isWide, right }: Pen): string {
  const x = at.get(moment.node);
  const style = moment.kind === 'dropped' ? 'bad' : `l${moment.layer}`;
  const isLast = x === right && isWide;
  const words = fitted(x === undefined ? `${moment.node}: ${moment.text}` : moment.text, BESIDE_CHARACTERS, '…');
  const place = isWide ? (isLast ? right - 12 : (x ?? TIMES + MARGIN) + 12) : right + 16;
  const mark = x === undefined ? '' : `<circle class="${style}" cx="${x}" cy="${y}" r="4"/>`;
  return (
    `<text class="time" x="${TIMES}" y="${y + 4}" text-anchor="end">${seconds(atNs)}</text>${mark}` +
    `<text class="note ${style}" x="${place}" y="${y + 4}" text-anchor="${isLast ? 'end' : 'start'}">${escaped(words)}</text>`
  );
}

function frameOf(row: FrameRow, y: number, { at, isWide, right, width }: Pen, number: number | null): string {
  const { crossing, layer } = row;
  const { fate, from, to, endedNs } = crossing;
  const [start, end] = [at.get(from.node) ?? TIMES, at.get(to.node) ?? right];
  const isBad = fate === 'lost' || fate === 'damaged';
  const style = isBad ? 'bad' : `l${layer}`;
  const direction = end > start ? 1 : -1;
  const tip = isBad ? start + (end - start) * 0.62 : end - 5 * direction;
  const why = isBad ? ` ✗ ${crossing.loss?.detail ?? 'damaged'}` : '';
  const words = fitted(
    printable(`${row.protocol}  ${row.info}${why}`),
    isWide ? WIDE_CHARACTERS : BESIDE_CHARACTERS,
    '…',
  );
  const arrival =
    isWide && endedNs !== null && !isBad
      ? `<text class="time" x="${right + 12}" y="${y + 4}">${seconds(endedNs)}</text>`
      : '';
  const text = isWide
    ? `<text class="words ${style}" x="${(start + end) / 2}" y="${y - 4}" text-anchor="middle">${escaped(words)}</text>`
    : `<text class="words ${style}" x="${right + 16}" y="${y + 4}">${escaped(words)}</text>`;
  const head = isBad
    ? `<path class="${style}" d="M${tip - 5} ${y - 5}l10 10m0-10l-10 10"/>`
    : `<path class="${style} tip" d="M${end} ${y}l${-8 * direction} -4v8z"/>`;
  const line = `<path class="${style}${isBad ? ' dashed' : ''}" d="M${start} ${y}H${tip}"/>`;
  const time = `<text class="time" x="${TIMES}" y="${y + 4}" text-anchor="end">${seconds(row.atNs)}</text>`;
  const inside = `${time}${line}${head}${text}${arrival}`;
  if (number === null) return `<g>${inside}</g>`;
  const area = `<rect class="area" x="4" y="${y - ROW / 2}" width="${width - 8}" height="${ROW}" rx="4"/>`;
  return `<g class="frame" data-frame="${number}">${area}${inside}</g>`;
}
