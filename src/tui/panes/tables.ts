/** What nodes remember: ARP caches, MAC tables, routes, names; what just changed is marked. */

import { padded } from '../../projections/printable.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';

interface TableLine {
  readonly text: string;
  readonly style: StyleId;
  readonly mark: string;
}

export function tablesNote(view: View): string {
  const { chronicle, seq, model } = view;
  const tables = chronicle.series.tablesAt(seq);
  return model.node ?? `${tables.length} table${tables.length === 1 ? '' : 's'}`;
}

export function drawTables(canvas: Canvas, rect: Rect, view: View): void {
  const lines = tableLines(view, rect.width - 2);
  const { theme, model } = view;
  const last = Math.max(0, lines.length - rect.height);
  const first = Math.min(last, model.focus === 'tables' ? model.scroll : firstNews(lines, rect.height));
  if (model.focus === 'tables') canvas.scrolled = first;
  if (lines.length === 0)
    canvas.text(rect.x + 1, rect.y, 'Nobody has learned anything yet.', theme.dim, rect.width - 1);
  for (const [row, line] of lines.slice(first, first + rect.height).entries()) {
    canvas.text(rect.x, rect.y + row, line.mark, theme.warning);
    canvas.text(rect.x + 2, rect.y + row, line.text, line.style, rect.width - 2);
  }
  if (last > first) canvas.text(rect.x + rect.width - 1, rect.y + rect.height - 1, '↓', theme.dim);
}

function firstNews(lines: readonly TableLine[], rows: number): number {
  const at = lines.findIndex(({ mark }) => mark !== '');
  return at < rows ? 0 : at - Math.floor(rows / 2);
}

function tableLines(view: View, cells: number): TableLine[] {
  const { chronicle, seq, theme, model, nowNs } = view;
  const lines: TableLine[] = [];
  for (const table of chronicle.series.tablesAt(seq)) {
    const [node = '', name = ''] = [table.slice(0, table.lastIndexOf('.')), table.slice(table.lastIndexOf('.') + 1)];
    if (model.node !== null && model.node !== node) continue;
    const { rows, removed } = chronicle.series.rowsAt(table, seq);
    lines.push({ text: `${node}  ${name.toUpperCase()}  ${rows.length}`, style: theme.accent, mark: '' });
    for (const row of rows) {
      const isNew = isJust(view, row.seq, nowNs);
      const values = Object.values(row.cells).map(String).join('  ');
      lines.push({
        text: `${padded(row.key, 18)} ${values}`,
        style: isNew ? theme.strong : theme.text,
        mark: isNew ? '●' : '',
      });
      if (isNew) lines.push({ text: `  ${row.because}`.slice(0, cells), style: theme.dim, mark: '' });
    }
    if (removed && isJust(view, removed.seq, nowNs)) {
      lines.push({ text: `${removed.key} is forgotten: ${removed.because}`, style: theme.error, mark: '✗' });
    }
  }
  return lines;
}

/** Written by the cursor's own instant. */
function isJust({ chronicle }: View, seq: number, nowNs: number): boolean {
  return chronicle.entries[seq]?.atNs === nowNs;
}
