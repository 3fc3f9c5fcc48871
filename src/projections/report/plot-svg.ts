/** Curves of a connection over time: sequence numbers as they were sent and acknowledged, and the congestion window. */

import type { Chronicle } from '../chronicle.ts';
import type { Series } from '../series-log.ts';
import type { TcpEnd } from '../tcp-log.ts';
import { seconds } from '../time.ts';
import { escaped } from './markup.ts';

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 76;
const BOTTOM = 36;
const TOP = 16;
const RIGHT = 16;
/** More dots than this cannot be told apart. */
const MOST_DOTS = 3000;
const TICKS = 5;

export interface Plot {
  readonly title: string;
  /** In words, for who does not see it. */
  readonly description: string;
  readonly svg: string;
}

interface Scale {
  readonly x: (atNs: number) => number;
  readonly y: (value: number) => number;
}

/** Of each end that sent data: the time–sequence plot and, where there is one, the window's curve. */
export function plotsOf(chronicle: Chronicle): Plot[] {
  return chronicle.tcp.endsAt(chronicle.entries.length).flatMap((end) => {
    if (end.sent.filter(({ dataBytes }) => dataBytes > 0).length < 3) return [];
    const window = chronicle.series.series(`${end.path}.cwnd`);
    return [timeSequence(end), ...(window && window.seqs.length > 2 ? [windowCurve(end, window, chronicle)] : [])];
  });
}

function timeSequence(end: TcpEnd): Plot {
  const sent = thinned(end.sent.filter(({ length }) => length > 0));
  const heard = thinned(end.heard.filter(({ acknowledged }) => acknowledged !== null));
  const firstNs = Math.min(end.sent[0]?.atNs ?? 0, heard[0]?.atNs ?? Number.MAX_SAFE_INTEGER);
  const lastNs = Math.max(end.sent.at(-1)?.atNs ?? 0, heard.at(-1)?.atNs ?? 0);
  const most = Math.max(1, ...sent.map(({ from, length }) => from + length));
  const scale = scaleOf(firstNs, lastNs, most);
  const dots = sent.map(({ atNs, from, length, isRetransmission }) => {
    const [x, y] = [fixed(scale.x(atNs)), fixed(scale.y(from + length))];
    return isRetransmission
      ? `<path class="bad" d="M${x - 4} ${y - 4}l8 8m0-8l-8 8"/>`
      : `<circle class="l4" cx="${x}" cy="${y}" r="2"/>`;
  });
  const steps = heard.map(({ atNs, acknowledged }) => [scale.x(atNs), scale.y(acknowledged ?? 0)] as const);
  const again = end.again.length;
  return {
    title: `Time–sequence of ${end.path}`,
    description: `${end.sent.length} segments, ${again} of them again, up to octet ${most}.`,
    svg: [axes(firstNs, lastNs, most, 'octets'), stepPath(steps, 'acks'), ...dots].join('\n'),
  };
}

function windowCurve(end: TcpEnd, { seqs, values }: Series, { entries }: Chronicle): Plot {
  const points = thinned(seqs.map((seq, index) => ({ atNs: entries[seq]?.atNs ?? 0, value: values[index] ?? 0 })));
  const firstNs = points[0]?.atNs ?? 0;
  const lastNs = Math.max(end.sent.at(-1)?.atNs ?? 0, points.at(-1)?.atNs ?? 0);
  const most = Math.max(1, ...points.map(({ value }) => value));
  const scale = scaleOf(firstNs, lastNs, most);
  const steps = points.map(({ atNs, value }) => [scale.x(atNs), scale.y(value)] as const);
  const least = Math.min(...points.map(({ value }) => value));
  return {
    title: `Congestion window of ${end.path}`,
    description: `Between ${least} and ${most} octets.`,
    svg: [
      axes(firstNs, lastNs, most, 'octets'),
      stepPath([...steps, [WIDTH - RIGHT, steps.at(-1)?.[1] ?? 0]], 'window'),
    ].join('\n'),
  };
}

export function plotElement({ title, svg }: Plot): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">\n${svg}\n</svg>`;
}

function scaleOf(firstNs: number, lastNs: number, most: number): Scale {
  const spanNs = Math.max(1, lastNs - firstNs);
  return {
    x: (atNs) => LEFT + ((atNs - firstNs) / spanNs) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP),
  };
}

function axes(firstNs: number, lastNs: number, most: number, unit: string): string {
  const scale = scaleOf(firstNs, lastNs, most);
  const marks = Array.from({ length: TICKS }, (_, index) => index / (TICKS - 1));
  const across = marks.map((part) => {
    const atNs = Math.round(firstNs + part * (lastNs - firstNs));
    const anchor = part === 1 ? 'end' : part === 0 ? 'start' : 'middle';
    return `<text class="time" x="${fixed(scale.x(atNs))}" y="${HEIGHT - 14}" text-anchor="${anchor}">${seconds(atNs, 3)} s</text>`;
  });
  const up = marks.map((part) => {
    const value = Math.round(part * most);
    const y = fixed(scale.y(value));
    return `<path class="life" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/><text class="time" x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${value}</text>`;
  });
  return [...up, ...across, `<text class="dim" x="${LEFT + 4}" y="${TOP + 4}">${unit}</text>`].join('');
}

function stepPath(points: readonly (readonly [number, number])[], name: string): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const steps = rest.map(([x, y]) => `H${fixed(x)}V${fixed(y)}`).join('');
  return `<path class="curve ${name}" d="M${fixed(first[0])} ${fixed(first[1])}${steps}"/>`;
}

/** A tenth of a pixel: the same digits on every machine. */
function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

function thinned<T>(items: readonly T[]): readonly T[] {
  const stride = Math.ceil(items.length / MOST_DOTS);
  return stride <= 1 ? items : items.filter((_, index) => index % stride === 0);
}
