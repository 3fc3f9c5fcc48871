/** A chart as SVG: plain shapes and text, no script, nothing from elsewhere. */

import type { Chart, Series } from './chart.ts';
import { numberText } from './table.ts';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 90;
const RIGHT = 20;
const TOP = 40;
const BOTTOM = 60;
/** Okabe and Ito's colours, which people with colour blindness tell apart; darker where they stand on white. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'];

export function svgOf(chart: Chart): string {
  const body = chart.kind === 'lines' ? lines(chart) : chart.kind === 'boxes' ? boxes(chart) : field(chart);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 22, chart.title, 'middle', 'font-size="15"'),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function lines(chart: Extract<Chart, { readonly kind: 'lines' }>): string[] {
  const all = chart.series.flatMap(({ points }) => points);
  const x = scale(
    all.map(([at]) => at),
    LEFT,
    WIDTH - RIGHT,
    false,
  );
  const y = scale(
    all.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
    true,
  );
  return [
    ...axes(x, y, chart.x, chart.y),
    ...chart.series.map((series, index) => drawn(series, x, y, COLOURS[index % COLOURS.length] as string)),
    ...chart.series.map(({ name }, index) => {
      const colour = COLOURS[index % COLOURS.length];
      return text(WIDTH - RIGHT - 6, TOP + 16 + 15 * index, name, 'end', `fill="${colour}"`);
    }),
  ];
}

function drawn({ points, form }: Series, x: Scale, y: Scale, colour: string): string {
  if (form === 'dots') {
    const dots = points.map(([at, value]) => `<circle cx="${x.at(at)}" cy="${y.at(value)}" r="1.5"/>`);
    return `<g fill="${colour}">${dots.join('')}</g>`;
  }
  const path = points.map(([at, value], index) =>
    index === 0 ? `M${x.at(at)} ${y.at(value)}` : `H${x.at(at)}V${y.at(value)}`,
  );
  return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

function boxes(chart: Extract<Chart, { readonly kind: 'boxes' }>): string[] {
  const x = scale(
    chart.boxes.flatMap(({ spread }) => [spread.least, spread.greatest]),
    LEFT + 60,
    WIDTH - RIGHT,
    false,
  );
  const step = (HEIGHT - TOP - BOTTOM) / Math.max(1, chart.boxes.length);
  const height = Math.min(30, step * 0.6);
  const drawing = chart.boxes.flatMap(({ name, spread }, index) => {
    const middle = TOP + step * (index + 0.5);
    const { least, quarter, median, threeQuarters, greatest } = spread;
    const line = (from: number, to: number) =>
      `<path d="M${x.at(from)} ${middle}H${x.at(to)}M${x.at(from)} ${middle - 5}v10M${x.at(to)} ${middle - 5}v10" stroke="black"/>`;
    const box = `<rect x="${x.at(quarter)}" y="${middle - height / 2}" width="${x.at(threeQuarters) - x.at(quarter)}" height="${height}" fill="#56B4E9" stroke="black"/>`;
    const centre = `<path d="M${x.at(median)} ${middle - height / 2}v${height}" stroke="black" stroke-width="2"/>`;
    return [line(least, greatest), box, centre, text(LEFT + 50, middle + 4, name, 'end')];
  });
  return [...xAxis(x, chart.x), ...drawing];
}

function field(chart: Extract<Chart, { readonly kind: 'field' }>): string[] {
  const { columns, rows, cells } = chart;
  const width = (WIDTH - LEFT - RIGHT) / columns.length;
  const height = (HEIGHT - TOP - BOTTOM) / rows.length;
  const known = cells.filter((cell) => cell !== null);
  const [least, greatest] = [Math.min(...known, 0), Math.max(...known, 1e-9)];
  const drawing = cells.map((cell, index) => {
    const [at, row] = [index % columns.length, Math.floor(index / columns.length)];
    const share = cell === null ? 0 : (cell - least) / (greatest - least);
    const light = Math.round(97 - 60 * share);
    const fill = cell === null ? '#ddd' : `hsl(205 80% ${light}%)`;
    const [x, y] = [LEFT + at * width, TOP + row * height];
    const label = cell === null ? '–' : String(Number(cell.toPrecision(3)));
    const ink = light < 60 ? 'fill="white"' : '';
    return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" stroke="white"/>${text(x + width / 2, y + height / 2 + 4, label, 'middle', ink)}`;
  });
  return [
    ...drawing,
    ...columns.map((name, at) => text(LEFT + (at + 0.5) * width, HEIGHT - BOTTOM + 18, name, 'middle')),
    ...rows.map((name, at) => text(LEFT - 8, TOP + (at + 0.5) * height + 4, name, 'end')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, chart.x, 'middle'),
    text(14, TOP - 8, chart.y, 'start'),
  ];
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

function scale(values: readonly number[], from: number, to: number, fromZero: boolean): Scale {
  let least = fromZero ? 0 : Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (!Number.isFinite(least) || !Number.isFinite(greatest)) [least, greatest] = [0, 1];
  if (least === greatest) greatest = least + Math.max(1e-9, Math.abs(least) * 0.1);
  const rough = (greatest - least) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(least / step); tick * step <= greatest + step * 1e-9; tick++) ticks.push(tick * step);
  const at = (value: number) => Number((from + ((value - least) / (greatest - least)) * (to - from)).toFixed(2));
  return { at, ticks };
}

function axes(x: Scale, y: Scale, xName: string, yName: string): string[] {
  const marks = y.ticks.map(
    (tick) =>
      `<path d="M${LEFT} ${y.at(tick)}H${WIDTH - RIGHT}" stroke="#e4e4e4"/>${text(LEFT - 6, y.at(tick) + 4, numberText(tick), 'end')}`,
  );
  return [...marks, ...xAxis(x, xName), text(14, TOP - 8, yName, 'start')];
}

function xAxis(x: Scale, name: string): string[] {
  const bottom = HEIGHT - BOTTOM;
  const marks = x.ticks.map(
    (tick) =>
      `<path d="M${x.at(tick)} ${bottom}v5" stroke="black"/>${text(x.at(tick), bottom + 18, numberText(tick), 'middle')}`,
  );
  return [
    `<path d="M${LEFT} ${bottom}H${WIDTH - RIGHT}" stroke="black"/>`,
    ...marks,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, name, 'middle'),
  ];
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', more = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  // What a terminal would obey has no place in XML either.
  const plain = escaped.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${plain}</text>`;
}
