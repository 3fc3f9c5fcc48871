/** A small table of fields, one or two of each kind, and frames that have what a test says. */

import { type CompiledFilter, compileFilter, type FilterNames, isFilterProblem } from '../../src/filter/filter.ts';
import type { FilterFrame } from '../../src/filter/frame.ts';
import { type FieldTable, fieldTableOf, NO_NAMES } from '../../src/filter/vocabulary.ts';
import type { Field, FieldKind, FieldType, FieldValue, ProtocolLayer } from '../../src/layers/field.ts';

const KINDS: Readonly<Record<string, FieldKind>> = {
  'frame.len': 'unsigned',
  'frame.time_relative': 'time',
  'frame.time_epoch': 'time',
  'frame.comment': 'string',
  'eth.src': 'ether',
  'eth.dst': 'ether',
  'eth.addr': 'ether',
  'ip.src': 'ipv4',
  'ip.dst': 'ipv4',
  'ip.addr': 'ipv4',
  'ip.ttl': 'unsigned',
  'ipv6.src': 'ipv6',
  'tcp.port': 'unsigned',
  'tcp.srcport': 'unsigned',
  'tcp.dstport': 'unsigned',
  'tcp.flags': 'unsigned',
  'tcp.flags.syn': 'boolean',
  'tcp.analysis.flags': 'none',
  'tcp.payload': 'bytes',
  'tcp.big': 'unsigned',
  'data.len': 'signed',
  'http.host': 'string',
  'http.ratio': 'float',
};

const PROTOCOL_NAMES = ['frame', 'eth', 'ip', 'ipv6', 'tcp', 'data', 'http'] as const;

function fieldType(name: string): FieldType {
  const kind = KINDS[name];
  if (!kind) throw new Error(`${name} is not in the sample table`);
  return { name, kind, label: name, layer: 1, meaning: `The field ${name}.` };
}

const TYPES = new Map(Object.keys(KINDS).map((name) => [name, fieldType(name)]));

export const TABLE: FieldTable = fieldTableOf(TYPES, new Map(PROTOCOL_NAMES.map((name) => [name, true])));

export function field(name: string, value: FieldValue): Field {
  return { type: fieldType(name), value, at: 0, length: 0 };
}

export type SampleValues = Readonly<Record<string, FieldValue | readonly FieldValue[]>>;

/** A frame with a layer for each protocol that the values begin with, and those in `layers` besides. */
export function frameOf(values: SampleValues, extra: Partial<FilterFrame> = {}): FilterFrame {
  const fields = new Map<string, Field[]>();
  for (const [name, value] of Object.entries(values)) {
    const protocol = name.split('.')[0] as string;
    const list = fields.get(protocol) ?? [];
    fields.set(protocol, list);
    for (const one of Array.isArray(value) ? value : [value]) list.push(field(name, one as FieldValue));
  }
  const layers = [...fields].map(([protocol, list]) => layerOf(protocol, list, 0, 0));
  return withLayers(layers, new Uint8Array(0), extra);
}

export function layerOf(protocol: string, fields: Field[], at: number, length: number): ProtocolLayer {
  return { protocol, title: protocol, text: protocol, layer: 1, at, length, fields };
}

export function withLayers(
  layers: readonly ProtocolLayer[],
  bytes: Uint8Array,
  extra: Partial<FilterFrame> = {},
): FilterFrame {
  return { dissection: { layers, source: '', destination: '', protocol: '', info: '' }, bytes, ...extra };
}

/** The compiled filter; throws what is wrong with it. */
export function compiled(text: string, names: FilterNames = NO_NAMES): CompiledFilter {
  const filter = compileFilter(text, names, TABLE);
  if (isFilterProblem(filter)) throw new Error(`${text}: ${filter.message} at ${filter.at}`);
  return filter;
}

export function passes(text: string, frame: FilterFrame, names: FilterNames = NO_NAMES): boolean {
  return compiled(text, names).test(frame);
}

/** What is wrong: the message, what the caret underlines, and the hint. */
export function problemOf(text: string, names: FilterNames = NO_NAMES): readonly [string, string, string?] {
  const problem = compileFilter(text, names, TABLE);
  if (!isFilterProblem(problem)) throw new Error(`nothing is wrong with ${text}`);
  const marked = text.slice(problem.at, problem.at + problem.length);
  return problem.hint === undefined ? [problem.message, marked] : [problem.message, marked, problem.hint];
}

export function ipv4(text: string): number {
  return text.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}
