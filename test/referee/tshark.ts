/** The referee: tshark's cells and ours for the same frames, side by side. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dissector, type DissectorOptions, FIELDS, fieldText, type ReadFrame } from '../../src/layers/codecs.ts';
import type { Dissection, ProtocolLayer } from '../../src/layers/field.ts';

const SEPARATOR = '\x01';
const AGGREGATOR = '\x02';
export const COLUMNS = ['_ws.col.Source', '_ws.col.Destination', '_ws.col.Protocol', '_ws.col.Info'] as const;
/** What makes tshark verify what we verify. */
export const VERIFY = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum', 'eth.check_fcs'].flatMap(
  (name) => ['-o', `${name}:TRUE`],
);

/** tshark's version line, or null where it is not installed. */
export function tsharkVersion(): string | null {
  const { stdout, status } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0] ?? null) : null;
}

/** Every cell of the named fields, a row for each frame of the capture. */
export function tsharkCells(capture: Uint8Array, names: readonly string[], options: readonly string[]): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'packetwalk-'));
  const file = join(directory, 'capture');
  writeFileSync(file, capture);
  const format = ['-E', `separator=${SEPARATOR}`, '-E', `aggregator=${AGGREGATOR}`, '-E', 'occurrence=a'];
  const wanted = names.flatMap((name) => ['-e', name]);
  const { stdout, stderr, status } = spawnSync(
    'tshark',
    ['-n', '-r', file, ...options, '-T', 'fields', ...format, ...wanted],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      env: { ...process.env, TZ: 'UTC' },
    },
  );
  rmSync(directory, { recursive: true });
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  const rows = stdout.split('\n');
  rows.pop();
  return rows.map((row) => row.split(SEPARATOR));
}

/** The same cells as we say them. */
function ourCells(dissection: Dissection, names: readonly string[]): string[] {
  const texts = new Map<string, string[]>();
  const add = (name: string, text: string) => {
    const list = texts.get(name);
    if (list) list.push(text);
    else texts.set(name, [text]);
  };
  for (const layer of dissection.layers) {
    add(layer.protocol, protocolCell(layer));
    for (const field of layer.fields) add(field.type.name, fieldText(field));
  }
  add('_ws.col.Source', dissection.source);
  add('_ws.col.Destination', dissection.destination);
  add('_ws.col.Protocol', dissection.protocol);
  add('_ws.col.Info', dissection.info);
  return names.map((name) => (texts.get(name) ?? []).join(AGGREGATOR));
}

/** Every name that we claim and Wireshark knows: Engine.IO and Socket.IO (`io`) it does not. */
export function claimedNames(): string[] {
  return [...FIELDS.keys(), ...COLUMNS].filter((name) => name !== 'io' && !name.startsWith('io.'));
}

/** Every difference as a line: frame, field, what tshark says, what we say. */
export function differences(
  capture: Uint8Array,
  frames: readonly ReadFrame[],
  options: DissectorOptions,
  names: readonly string[] = claimedNames(),
  preferences: readonly string[] = [],
): string[] {
  const verify = options.verify === false ? [] : VERIFY;
  const theirs = tsharkCells(capture, names, [...verify, ...preferences]);
  const dissector = new Dissector(options);
  const lines: string[] = [];
  if (theirs.length !== frames.length) lines.push(`tshark reads ${theirs.length} frames, we ${frames.length}`);
  for (const [index, frame] of frames.entries()) {
    const ours = ourCells(dissector.dissect(frame), names);
    const row = theirs[index] ?? [];
    for (const [column, name] of names.entries()) {
      const [left, right] = [withoutRemarks(row[column] ?? ''), ours[column] ?? ''];
      if (left !== right) lines.push(`${index + 1} ${name}: tshark ${show(left)} | we ${show(right)}`);
    }
  }
  return lines;
}

/** Wireshark gives the name `_ws.malformed` to its remarks on what is odd, besides the line that we claim. */
function withoutRemarks(cell: string): string {
  if (!cell.includes('_ws.malformed')) return cell;
  return cell
    .split(AGGREGATOR)
    .filter((item) => item !== '_ws.malformed')
    .join(AGGREGATOR);
}

function show(cell: string): string {
  return cell.replaceAll(AGGREGATOR, ' ¦ ');
}

/** Protocols whose line in the tree has no text of its own. */
const BARE: ReadonlySet<string> = new Set(['icmp', 'http', 'echo', 'media', 'xml', 'amqp']);

/** `-T fields` prints a protocol's line in the tree, or its name, or for `data` the octets. */
function protocolCell(layer: ProtocolLayer): string {
  if (BARE.has(layer.protocol) || layer.text === layer.title) return layer.protocol;
  const [first] = layer.fields;
  return layer.protocol === 'data' && first ? fieldText(first) : layer.text;
}
