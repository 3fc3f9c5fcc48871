/** A chart in the terminal: dots of braille over axes, boxes of lines, or a field of shades. */

import { cellsOf, printable } from '../../projections/printable.ts';
import type { Chart } from './chart.ts';
import { numberText } from './table.ts';

const ROWS = 14;
const MARKS = ['•', 'x', 'o', '+', '*', '#', '%'];

export function chartLines(chart: Chart, width: number, ascii: boolean): string[] {
  const body =
    chart.kind === 'lines' ? plotted(chart, width) : chart.kind === 'boxes' ? boxes(chart, width) : field(chart);
  const lines = ['', ` ${printable(chart.title)}`, ...body];
  return ascii ? lines.map((line) => line.replace(/[^ -~]/g, (cell) => ASCII[cell] ?? '?')) : lines;
}

const ASCII: Readonly<Record<string, string>> = {
  '•': '.',
  '│': '|',
  '└': '+',
  '─': '-',
  '├': '|',
  '┤': '|',
  '█': '#',
  '┃': '|',
  '░': '.',
  '▒': ':',
  '▓': '%',
  '–': '-',
};

function plotted(chart: Extract<Chart, { readonly kind: 'lines' }>, width: number): string[] {
  const all = chart.series.flatMap(({ points }) => points);
  if (all.length === 0) return ['  nothing to draw'];
  const range = (index: 0 | 1) =>
    all.reduce(([low, high], point) => [Math.min(low, point[index]), Math.max(high, point[index])] as const, [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ] as const);
  const [[left, right], [, top]] = [range(0), range(1)];
  const columns = Math.max(20, Math.min(100, width - 14));
  const grid = Array.from({ length: ROWS }, () => new Array<string>(columns).fill(' '));
  for (const [index, { points }] of chart.series.entries()) {
    for (const [x, y] of points) {
      const column = Math.round(((x - left) / (right - left || 1)) * (columns - 1));
      const row = ROWS - 1 - Math.round((y / (top || 1)) * (ROWS - 1));
      const line = grid[row];
      if (line) line[column] = MARKS[index % MARKS.length] as string;
    }
  }
  const label = (row: number) => (row === 0 ? numberText(top) : row === ROWS - 1 ? '0' : '').padStart(10);
  const foot = `${numberText(left)}${numberText(right).padStart(columns - numberText(left).length)}`;
  return [
    `  ${printable(chart.y)}`,
    ...grid.map((line, row) => `${label(row)} │${line.join('')}`.trimEnd()),
    `${' '.repeat(11)}└${'─'.repeat(columns)}`,
    `${' '.repeat(12)}${foot}  ${printable(chart.x)}`,
    ...chart.series.map(({ name }, index) => `   ${MARKS[index % MARKS.length]} ${printable(name)}`),
  ];
}

function boxes(chart: Extract<Chart, { readonly kind: 'boxes' }>, width: number): string[] {
  const names = Math.max(0, ...chart.boxes.map(({ name }) => cellsOf(printable(name))));
  const columns = Math.max(20, Math.min(100, width - names - 6));
  const least = Math.min(...chart.boxes.map(({ spread }) => spread.least));
  const greatest = Math.max(...chart.boxes.map(({ spread }) => spread.greatest));
  const at = (value: number) => Math.round(((value - least) / (greatest - least || 1)) * (columns - 1));
  const rows = chart.boxes.map(({ name, spread }) => {
    const line = new Array<string>(columns).fill(' ');
    for (let cell = at(spread.least); cell <= at(spread.greatest); cell++) line[cell] = '─';
    for (let cell = at(spread.quarter); cell <= at(spread.threeQuarters); cell++) line[cell] = '█';
    line[at(spread.least)] = '├';
    line[at(spread.greatest)] = '┤';
    line[at(spread.median)] = '┃';
    return `  ${printable(name).padEnd(names)}  ${line.join('').trimEnd()}`;
  });
  const foot = `${numberText(least)}${numberText(greatest).padStart(columns - numberText(least).length)}`;
  return [...rows, `${' '.repeat(names + 4)}${foot}`, `${' '.repeat(names + 4)}${printable(chart.x)}`];
}

const SHADES = [' ', '░', '▒', '▓', '█'];

function field(chart: Extract<Chart, { readonly kind: 'field' }>): string[] {
  const { columns, rows, cells } = chart;
  const known = cells.filter((cell) => cell !== null);
  const [least, greatest] = [Math.min(...known, 0), Math.max(...known, 1e-9)];
  const shown = cells.map((cell) => {
    if (cell === null) return '–';
    const shade = SHADES[Math.round(((cell - least) / (greatest - least)) * (SHADES.length - 1))] as string;
    return `${shade}${shade} ${Number(cell.toPrecision(3))}`;
  });
  const wide = Math.max(...columns.map((name) => cellsOf(printable(name))), ...shown.map(cellsOf)) + 2;
  const names = Math.max(...rows.map((name) => cellsOf(printable(name))), cellsOf(printable(chart.y)));
  const line = (name: string, texts: readonly string[]) =>
    `  ${printable(name).padEnd(names)}  ${texts.map((text) => text.padStart(wide)).join('')}`;
  return [
    line(
      chart.y,
      columns.map((name) => printable(name)),
    ),
    ...rows.map((name, row) => line(name, shown.slice(row * columns.length, (row + 1) * columns.length))),
    `  ${' '.repeat(names)}  ${printable(chart.x)}`,
  ];
}
