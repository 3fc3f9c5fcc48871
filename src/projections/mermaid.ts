/**
 * The ladder as a Mermaid sequence diagram, which GitHub and many wikis draw. All text from outside is escaped with
 * Mermaid's entity codes (`#59;`): a packet must not be able to end its line, open a comment or bring in markup.
 */

import type { FrameRow, LadderRow } from './ladder.ts';
import { columnOrder } from './ladder-columns.ts';
import { printable } from './printable.ts';
import { seconds } from './time.ts';
import type { Topology } from './topology.ts';

/** The whole diagram, ending with a line end. */
export function mermaidOf(title: string, rows: readonly LadderRow[], topology: Topology): string {
  const names = columnOrder(topology);
  const ids = new Map(names.map((name, index) => [name, `n${index}`]));
  const lines = rows.flatMap((row) => {
    if (row.kind === 'fold') return [`  Note over ${span(names)}: ${row.frames + row.notes} rows folded`];
    if (row.kind === 'frame') return [arrow(row, ids)];
    const id = ids.get(row.moment.node);
    const text = id === undefined ? `${row.moment.node}: ${row.moment.text}` : row.moment.text;
    return [`  Note over ${id ?? span(names)}: ${seconds(row.atNs)} ${escaped(text)}`];
  });
  return [
    '---',
    `title: ${JSON.stringify(printable(title))}`,
    '---',
    'sequenceDiagram',
    ...names.map((name) => `  participant ${ids.get(name)} as ${escaped(name)}`),
    ...lines,
    '',
  ].join('\n');
}

function span(names: readonly string[]): string {
  return names.length > 1 ? `n0,n${names.length - 1}` : 'n0';
}

/** A dotted line with a cross for what did not arrive, an open arrow for what is still on its way. */
function arrow(row: FrameRow, ids: ReadonlyMap<string, string>): string {
  const { crossing } = row;
  const isBad = crossing.fate === 'lost' || crossing.fate === 'damaged';
  const sign = isBad ? '--x' : crossing.fate === 'in-flight' ? '-)' : '->>';
  const why = crossing.fate === 'damaged' ? ' ✗ damaged' : crossing.loss ? ` ✗ ${crossing.loss.detail}` : '';
  const text = `${row.protocol} ${row.info}${why}`;
  const [from, to] = [ids.get(crossing.from.node) ?? 'n0', ids.get(crossing.to.node) ?? 'n0'];
  return `  ${from}${sign}${to}: ${seconds(row.atNs)} ${escaped(text)}`;
}

/** Letters, digits and harmless punctuation stay; everything else becomes the entity of its code point. */
function escaped(text: string): string {
  return printable(text)
    .trim()
    .replace(/[^\p{L}\p{N} .,:=?!/()[\]_+*→✗…-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
