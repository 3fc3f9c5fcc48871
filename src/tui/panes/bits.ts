/** A header as its RFC draws it: 32 bits a line, each field where it stands. */

import type { Field } from '../../projections/fields.ts';
import { fieldText } from '../../projections/fields.ts';
import { cellsOf } from '../../projections/printable.ts';
import type { PacketView } from '../../projections/stack-at.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { HIDDEN, type TreeProtocol } from '../field-tree.ts';
import type { View } from '../view.ts';

/** A part of a field on one line: bits `from` to before `to` of the line's 32. */
interface BitPart {
  readonly from: number;
  readonly to: number;
  /** Null: what follows the header. */
  readonly field: Field | null;
  readonly text: string;
}

export type BitRow = readonly BitPart[];

const LINE = 32;

/**
 * The lines of a header. `isFine`: fields that lie inside others (TCP's control bits) are shown one by one; else the
 * field around them is.
 */
export function bitRows(protocol: TreeProtocol, packet: PacketView, isFine: boolean): BitRow[] {
  const bits = protocol.length * 8;
  const owners = ownersOf(protocol, bits, isFine);
  const rows: { from: number; to: number; field: Field | null }[][] = [];
  for (let at = 0; at < bits; ) {
    const field = owners[at] ?? null;
    let end = at + 1;
    while (end < bits && owners[end] === field && end % LINE !== 0) end++;
    const row = Math.floor(at / LINE);
    const line = rows[row] ?? [];
    rows[row] = line;
    line.push({ from: at % LINE, to: ((end - 1) % LINE) + 1, field });
    at = end;
  }
  const last = rows.at(-1);
  const used = last?.at(-1)?.to ?? LINE;
  if (last && used < LINE && packet.bytes.length > protocol.at + protocol.length)
    last.push({ from: used, to: LINE, field: null });
  return rows.map((row, line) => row.map((part) => ({ ...part, text: partText(rows, line, part) })));
}

/** Which field owns each bit: of those that overlap the greatest, or the smallest where it is drawn finely. */
function ownersOf({ fields, at: start }: TreeProtocol, bits: number, isFine: boolean): (Field | undefined)[] {
  const owners: (Field | undefined)[] = new Array(bits);
  const sizes = new Float64Array(bits).fill(isFine ? Number.POSITIVE_INFINITY : 0);
  for (const field of fields) {
    const [first, size] = spanOf(field, start);
    if (size === 0 || first < 0 || HIDDEN.test(field.type.name)) continue;
    for (let bit = first; bit < Math.min(bits, first + size); bit++) {
      const isBetter = isFine ? size < (sizes[bit] as number) : size > (sizes[bit] as number);
      if (!isBetter) continue;
      sizes[bit] = size;
      owners[bit] = field;
    }
  }
  return owners;
}

function spanOf({ at, length, bits }: Field, start: number): [first: number, size: number] {
  const first = (at - start) * 8;
  return bits ? [first + bits[0], bits[1]] : [first, length * 8];
}

const BRIEF: Readonly<Record<string, string>> = {
  'eth.dst': 'destination MAC',
  'eth.src': 'source MAC',
  'eth.type': 'type',
  'ip.version': 'ver',
  'ip.hdr_len': 'IHL',
  'ip.dsfield': 'DSCP ECN',
  'ip.len': 'length',
  'ip.id': 'id',
  'ip.flags': 'flg',
  'ip.frag_offset': 'offset',
  'ip.ttl': 'TTL',
  'ip.proto': 'proto',
  'ip.checksum': 'checksum',
  'ip.src': 'source',
  'ip.dst': 'destination',
  'tcp.srcport': 'source',
  'tcp.dstport': 'destination',
  'tcp.seq': 'sequence',
  'tcp.seq_raw': 'sequence',
  'tcp.ack': 'ack',
  'tcp.ack_raw': 'ack',
  'tcp.hdr_len': 'off',
  'tcp.flags': 'flags',
  'tcp.window_size_value': 'window',
  'tcp.window_size': 'window',
  'tcp.checksum': 'checksum',
  'tcp.urgent_pointer': 'urgent',
  'tcp.options': 'options',
  'tcp.flags.res': 'rsv',
  'tcp.flags.ae': 'A',
  'tcp.flags.cwr': 'C',
  'tcp.flags.ece': 'E',
  'tcp.flags.urg': 'U',
  'tcp.flags.ack': 'A',
  'tcp.flags.push': 'P',
  'tcp.flags.reset': 'R',
  'tcp.flags.syn': 'S',
  'tcp.flags.fin': 'F',
  'ip.flags.rb': 'R',
  'ip.flags.df': 'D',
  'ip.flags.mf': 'M',
};

function briefName(field: Field): string {
  const { name, label } = field.type;
  return BRIEF[name] ?? label.toLowerCase();
}

function partText(
  rows: readonly (readonly { readonly from: number; readonly to: number; readonly field: Field | null }[])[],
  line: number,
  part: { readonly from: number; readonly to: number; readonly field: Field | null },
): string {
  const { field } = part;
  if (!field) return 'payload…';
  const name = briefName(field);
  const value = shortText(field);
  const parts = rows.flatMap((row, at) =>
    row.filter((one) => one.field === field).map((one) => ({ ...one, line: at })),
  );
  const index = parts.findIndex((one) => one.line === line && one.from === part.from);
  if (parts.length === 1) return `${name}\n${value}`;
  const second = parts[1];
  const hasRoom = second !== undefined && second.to - second.from - 1 >= cellsOf(value);
  if (index === 0) return hasRoom ? name : `${name}\n${value}`;
  return index === 1 && hasRoom ? value : '';
}

function shortText(field: Field): string {
  const { type, value } = field;
  return fieldText({ type, value: value instanceof Uint8Array ? value.subarray(0, 32) : value }).slice(0, 80);
}

/** Draws the ruler and as many lines as there is room for; one or two cells a bit. */
export function drawBits(
  canvas: Canvas,
  rect: Rect,
  view: View,
  protocol: TreeProtocol,
  rows: readonly BitRow[],
): void {
  const { theme, chosen } = view;
  const perBit = rect.width >= 68 ? 2 : 1;
  const x = rect.x + (perBit === 2 ? 2 : 1);
  for (const bit of [0, 8, 16, 24, 31])
    canvas.text(x + bit * perBit + (bit === 0 ? 0 : perBit - 1), rect.y, String(bit), theme.dim);
  for (const [line, row] of rows.slice(0, rect.height - 1).entries()) {
    const y = rect.y + 1 + line;
    for (const part of row) {
      const start = x + part.from * perBit;
      const cells = (part.to - part.from) * perBit - 1;
      const isChosen = part.field !== null && chosen?.name === part.field.type.name;
      const style =
        part.field === null ? theme.dim : isChosen ? theme.layerFilled(protocol.layer) : theme.layer(protocol.layer);
      canvas.text(start, y, '│', theme.dim);
      if (cells <= 0) continue;
      if (isChosen) canvas.fill(start + 1, y, cells, ' ', style);
      canvas.textIn(start + 1, y, cells, fittingText(part.text, cells), style);
    }
    canvas.text(x + (row.at(-1)?.to ?? LINE) * perBit, y, '│', theme.dim);
  }
  const more = rows.length - (rect.height - 1);
  if (more > 0) canvas.text(x + LINE * perBit + 2, rect.y + rect.height - 1, `… ${more} more`, theme.dim);
}

/** Name and value where both fit; else the value, which is the news; else the name. */
export function fittingText(text: string, cells: number): string {
  const [name = '', value = ''] = text.split('\n');
  if (value === '') return name;
  const both = `${name} ${value}`;
  if (cellsOf(both) <= cells) return both;
  if (cells >= 24) return both;
  return cellsOf(value) <= cells ? value : cellsOf(name) <= cells ? name : value;
}
