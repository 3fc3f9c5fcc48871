/** Whoever asks for headers alone must see in them what whoever reads everything sees. */

import { describe, expect, it } from 'vitest';
import { compileFilter, isFilterProblem } from '../../src/filter/filter.ts';
import { type Depth, Dissector, depthFor } from '../../src/layers/codecs.ts';
import { BUNDLED, loadBundled, runToEnd } from '../bundled.ts';

function depthOf(text: string): Depth {
  const filter = compileFilter(text);
  if (isFilterProblem(filter)) throw new Error(filter.message);
  return depthFor(filter.protocols, filter.fields);
}

describe('how far a filter makes one read', () => {
  it.each([
    'tcp.flags.syn == 1 && ip.src == 10.0.0.1',
    'arp || icmpv6.type == 135',
    'tcp.len > 0 && tcp.analysis.retransmission',
    'tcp[13] == 2',
    'udp.dstport == 53 && node == "client"',
    'eth.type == 0x0800 or ipv6.nxt == 6',
    'len(tcp) > 20',
  ])('%s: headers', (text) => {
    expect(depthOf(text)).toBe('headers');
  });

  it.each([
    'http.response.code == 200',
    'dns',
    'mqtt.msgtype == 3 || tcp.flags.fin == 1',
    'frame.protocols contains "http"',
    'tcp.payload contains "GET"',
    'tcp.segment_data',
    'tcp.reassembled.length > 100',
    'data.len > 3',
    'count(http.request) == 0',
  ])('%s: messages', (text) => {
    expect(depthOf(text)).toBe('messages');
  });
});

/** Of all frames of a run as they left: the layers up to TCP and UDP, with what a filter could ask of them. */
function headersOf(name: string, depth: Depth): string[] {
  const dissector = new Dissector({ depth });
  return runToEnd(loadBundled(name)).entries.flatMap(({ atNs, event }, index) => {
    if (event.kind !== 'departed') return [];
    const { layers } = dissector.dissect({ bytes: event.bytes, number: index + 1, atNs, fcs: true });
    return layers.flatMap(({ protocol, fields, at, length, extent }) => {
      if (depthFor([protocol], []) !== 'headers') return [];
      const said = fields
        .filter(({ type }) => depthFor([protocol], [type.name]) === 'headers')
        .map(({ type, value }) => `${type.name}=${value}`);
      return [`${index} ${protocol} ${at}+${length}/${extent} ${said.join(' ')}`];
    });
  });
}

describe('headers alone', () => {
  it.each(BUNDLED)('%s: they say the same as with all that they carry', (name) => {
    expect(headersOf(name, 'headers')).toEqual(headersOf(name, 'messages'));
  });
});
