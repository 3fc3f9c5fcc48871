/** Where the values of a filter come from: the fields and protocols of a frame, and what is computed from them. */

import type { FieldValue, ProtocolLayer } from '../layers/field.ts';
import { formatIp, formatMac } from '../wire/address.ts';
import { negated, operationOf } from './arithmetic.ts';
import type { FilterFrame } from './frame.ts';
import { type Predicate, relationOf } from './order.ts';
import type { FunctionName, Source } from './plan.ts';
import { includesLayer, octetsOf, slicer } from './slices.ts';
import type { Range } from './syntax.ts';
import type { ExtraName } from './vocabulary.ts';

/** `absent`: there was no value. `passed`: the visitor saw all of them. `stopped`: it answered true to one. */
export type Outcome = 'absent' | 'passed' | 'stopped';

/** Shows the values of a frame to `visit` until it answers true. */
export type Each = (frame: FilterFrame, visit: Predicate) => Outcome;

export function eachOf(source: Source): Each {
  switch (source.kind) {
    case 'field':
      return source.layers ? fieldInLayers(source.name, source.holder, source.layers) : eachField(source);
    case 'protocol':
      return eachProtocol(source);
    case 'extra':
      return eachExtra(source.name);
    case 'octets':
      return mapped(eachOf(source.of), octetsOf(source.of.type));
    case 'slice': {
      const octets = octetsOf(source.of.type);
      const slice = slicer(source.ranges);
      return mapped(eachOf(source.of), (value) => slice(octets(value)));
    }
    case 'arithmetic':
      return eachResult(source);
    case 'negative':
      return mapped(eachOf(source.of), negated);
    case 'call':
      return eachCall(source);
    case 'constant':
      return (_frame, visit) => (visit(source.value) ? 'stopped' : 'passed');
  }
}

function eachField({ name, holder }: Extract<Source, { kind: 'field' }>): Each {
  return (frame, visit) => {
    const { layers } = frame.dissection;
    let outcome: Outcome = 'absent';
    for (let index = 0; index < layers.length; index++) {
      const layer = layers[index] as ProtocolLayer;
      if (holder !== null && !isHeldBy(layer, holder)) continue;
      const found = visitFields(layer, name, visit);
      if (found === 'stopped') return found;
      if (found === 'passed') outcome = found;
    }
    return outcome;
  };
}

/** `ipv6.opt` stands in the extension header `ipv6.hopopts`, which is a protocol of its own. */
function isHeldBy({ protocol }: ProtocolLayer, holder: string): boolean {
  return protocol === holder || (protocol.length > holder.length && protocol.startsWith(`${holder}.`));
}

function visitFields({ fields }: ProtocolLayer, name: string, visit: Predicate): Outcome {
  let outcome: Outcome = 'absent';
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as ProtocolLayer['fields'][number];
    if (field.type.name !== name) continue;
    if (visit(field.value)) return 'stopped';
    outcome = 'passed';
  }
  return outcome;
}

/** Layers of one protocol are counted from 1, from the outside to the inside. */
function fieldInLayers(name: string, holder: string | null, ranges: readonly Range[]): Each {
  return (frame, visit) => {
    let outcome: Outcome = 'absent';
    for (const layer of layersIn(frame, holder, ranges)) {
      const found = visitFields(layer, name, visit);
      if (found === 'stopped') return found;
      if (found === 'passed') outcome = found;
    }
    return outcome;
  };
}

function layersIn(frame: FilterFrame, protocol: string | null, ranges: readonly Range[] | null): ProtocolLayer[] {
  const layers = frame.dissection.layers.filter((layer) => protocol === null || isHeldBy(layer, protocol));
  return ranges ? layers.filter((_, index) => includesLayer(ranges, index + 1, layers.length)) : layers;
}

function eachProtocol({ name, layers: ranges, whole }: Extract<Source, { kind: 'protocol' }>): Each {
  const isHeader = !whole && HEADERS.has(name);
  if (ranges) {
    return (frame, visit) => {
      const layers = layersIn(frame, name, ranges);
      if (layers.length === 0) return 'absent';
      return layers.some((layer) => visit(spanOf(frame, layer, isHeader))) ? 'stopped' : 'passed';
    };
  }
  return (frame, visit) => {
    const { layers } = frame.dissection;
    let outcome: Outcome = 'absent';
    for (let index = 0; index < layers.length; index++) {
      const layer = layers[index] as ProtocolLayer;
      if (layer.protocol !== name) continue;
      if (visit(spanOf(frame, layer, isHeader))) return 'stopped';
      outcome = 'passed';
    }
    return outcome;
  };
}

/**
 * Wireshark's item for these protocols ends with the header, and so do slices and comparisons of it; of all others, such
 * as `tcp`, it is the whole PDU.
 */
const HEADERS: ReadonlySet<string> = new Set(['eth', 'vlan', 'ip', 'ipv6', 'udp']);

function spanOf(frame: FilterFrame, layer: ProtocolLayer, isHeader: boolean): Uint8Array {
  const { at, length, extent = length } = layer;
  return (layer.source ?? frame.bytes).subarray(at, at + (isHeader ? length : extent));
}

function eachExtra(name: ExtraName): Each {
  if (name === 'node') {
    return ({ nodes }, visit) => {
      if (nodes === undefined || nodes.length === 0) return 'absent';
      return nodes.some(visit) ? 'stopped' : 'passed';
    };
  }
  const value = EXTRA_VALUES[name];
  return (frame, visit) => {
    const found = value(frame) ?? null;
    if (found === null) return 'absent';
    return visit(found) ? 'stopped' : 'passed';
  };
}

const EXTRA_VALUES: Readonly<Record<Exclude<ExtraName, 'node'>, (frame: FilterFrame) => FieldValue | undefined>> = {
  link: (frame) => frame.link,
  layer: (frame) => frame.layer,
  'pw.lost': (frame) => frame.lost,
  'pw.reason': (frame) => frame.reason,
};

/** Shows what `convert` makes of the values; null: nothing. */
function mapped(each: Each, convert: (value: FieldValue) => FieldValue): Each {
  let visitor: Predicate = () => true;
  let isAny = false;
  const step: Predicate = (value) => {
    const converted = convert(value);
    if (converted === null) return false;
    isAny = true;
    return visitor(converted);
  };
  return (frame, visit) => {
    visitor = visit;
    isAny = false;
    const outcome = each(frame, step);
    return outcome === 'passed' && !isAny ? 'absent' : outcome;
  };
}

/** Every value at the left with every one at the right. */
function eachResult({ operator, type, left, right }: Extract<Source, { kind: 'arithmetic' }>): Each {
  const operate = operationOf(operator, type);
  if (!operate) throw new Error(`no operation ${operator} for ${type}`);
  const [eachLeft, eachRight] = [eachOf(left), eachOf(right)];
  let current: FilterFrame | null = null;
  let visitor: Predicate = () => true;
  let isAny = false;
  let leftValue: FieldValue = null;
  const inner: Predicate = (value) => {
    const result = operate(leftValue, value);
    if (result === null) return false;
    isAny = true;
    return visitor(result);
  };
  const outer: Predicate = (value) => {
    leftValue = value;
    return eachRight(current as FilterFrame, inner) === 'stopped';
  };
  return (frame, visit) => {
    [current, visitor, isAny] = [frame, visit, false];
    if (eachLeft(frame, outer) === 'stopped') return 'stopped';
    return isAny ? 'passed' : 'absent';
  };
}

function eachCall({ name, type, arguments: sources }: Extract<Source, { kind: 'call' }>): Each {
  if (name === 'max' || name === 'min') {
    // Here negative numbers do compare with others.
    const signed = type === 'unsigned' ? 'signed' : type;
    return eachExtreme(sources, relationOf(name === 'max' ? '>' : '<', signed, false));
  }
  const [source] = sources;
  if (!source) throw new Error(`${name} without an argument`);
  if (name === 'count') return eachCount(eachOf(source));
  return mapped(eachOf(source), CONVERSIONS[name](source));
}

type Conversion = (value: FieldValue) => FieldValue;

const CONVERSIONS: Readonly<Record<Exclude<FunctionName, 'max' | 'min' | 'count'>, (source: Source) => Conversion>> = {
  // Only ASCII has two cases, so that no locale has a say.
  upper: () => (value) => (value as string).replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  lower: () => (value) => (value as string).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  len: ({ type }) => {
    const octets = octetsOf(type);
    return (value) => octets(value).length;
  },
  abs: () => (value) => ((value as number) < 0 ? negated(value) : value),
  string: ({ type }) => {
    if (type === 'ether') return (value) => formatMac(value as number);
    if (type === 'ipv4' || type === 'ipv6') return (value) => formatIp(value as number | bigint);
    return String;
  },
};

function eachCount(each: Each): Each {
  let count = 0;
  const step: Predicate = () => {
    count++;
    return false;
  };
  return (frame, visit) => {
    count = 0;
    each(frame, step);
    if (count === 0) return 'absent';
    return visit(count) ? 'stopped' : 'passed';
  };
}

/** Of all values of all arguments, the one that is `ahead` of the others. */
function eachExtreme(sources: readonly Source[], ahead: (one: FieldValue, other: FieldValue) => boolean): Each {
  const all = sources.map(eachOf);
  let best: FieldValue = null;
  const step: Predicate = (value) => {
    if (best === null || ahead(value, best)) best = value;
    return false;
  };
  return (frame, visit) => {
    best = null;
    for (const each of all) each(frame, step);
    if (best === null) return 'absent';
    return visit(best) ? 'stopped' : 'passed';
  };
}
