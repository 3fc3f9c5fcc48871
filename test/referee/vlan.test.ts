/** VLAN tags: tshark reads tagged frames as we do, whoever made them. */

import { describe, expect, it } from 'vitest';
import { createRun, loadScenario } from '../../src/index.ts';
import { writeFcs } from '../../src/layers/2-link/ethernet/header.ts';
import { portsOf } from '../../src/projections/capture.ts';
import { formatProblems } from '../../src/scenario/problem.ts';
import { captureBytes, capturedFrames } from '../bundled.ts';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { differences, tsharkCells, tsharkVersion, VERIFY } from './tshark.ts';

const version = tsharkVersion();
const ADDRESSES = Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);

/** A UDP datagram of that many octets of data, without a checksum. */
function datagram(dataBytes: number): number[] {
  const length = 28 + dataBytes;
  const head = [0x45, 0, length >> 8, length & 255, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
  const sum = [0, 2, 4, 6, 8, 12, 14, 16, 18].reduce(
    (total, at) => total + ((head[at] ?? 0) << 8) + (head[at + 1] ?? 0),
    0,
  );
  const checksum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  head.splice(10, 2, checksum >> 8, checksum & 255);
  return [
    ...head,
    0x30,
    0x39,
    0x30,
    0x3a,
    0,
    8 + dataBytes,
    0,
    0,
    ...Array.from({ length: dataBytes }, (_, at) => at + 1),
  ];
}

function frame(
  tags: readonly number[],
  payload: readonly number[],
  lengthBytes: number,
  hasFcs: boolean,
  filler = 0,
): Uint8Array {
  const head = [...ADDRESSES, ...tags.flatMap((tag) => [0x81, 0, tag >> 8, tag & 255]), 8, 0, ...payload];
  const length = Math.max(head.length, lengthBytes);
  const bytes = new Uint8Array(length + (hasFcs ? 4 : 0)).fill(filler, 0, length);
  bytes.set(head);
  if (hasFcs) writeFcs(bytes, 0, length);
  return bytes;
}

const LOADED = loadScenario(
  JSON.stringify({
    packetwalk: 1,
    title: 't',
    until: '30s',
    nodes: {
      alice: { ip: ['10.1.10.2/24', '2001:db8:10::2/64'] },
      bob: { ip: '10.1.20.2/24' },
      carol: { ip: '10.1.10.3/24' },
      dave: {
        ip: ['10.1.20.3/24', '2001:db8:20::3/64'],
        apps: { 'http-server': { pages: { '/': { size: '20kB' } } } },
      },
      sw1: { kind: 'switch' },
      sw2: { kind: 'switch' },
      router: {
        kind: 'router',
        interfaces: {
          'lan.10': ['10.1.10.1/24', '2001:db8:10::1/64'],
          'lan.20': ['10.1.20.1/24', '2001:db8:20::1/64'],
        },
      },
    },
    links: [
      { between: ['alice', 'sw1'], vlan: 10, delay: '1ms' },
      { between: ['bob', 'sw1'], vlan: 20, delay: '1ms' },
      { between: ['carol', 'sw2'], vlan: 10, delay: '1ms' },
      { between: ['dave', 'sw2'], vlan: 20, delay: '1ms' },
      { between: ['sw1', 'sw2'], trunk: [10, 20], delay: '1ms' },
      { between: ['sw1', 'router:lan'], trunk: 'all', delay: '1ms' },
    ],
    timeline: [
      { at: '0s', node: 'alice', do: { ping: 'carol' } },
      { at: '1s', node: 'alice', do: { ping: { target: '10.1.20.3', size: '1472B', df: true } } },
      { at: '2s', node: 'alice', do: { ping: { target: '10.1.20.3', size: '4000B' } } },
      { at: '2.5s', node: 'alice', do: { ping: { target: '2001:db8:20::3', size: '4000B' } } },
      { at: '3s', node: 'alice', do: { get: 'http://dave/' } },
      { at: '4s', node: 'bob', do: { ping: { target: 'dave', size: '1B' } } },
    ],
  }),
  'vlan.json',
  {},
);
if (LOADED.scenario === null) throw new Error(formatProblems(LOADED.problems));
const SCENARIO = LOADED.scenario;

describe.skipIf(version === null)(`tshark (${version ?? 'not installed: apt-get install tshark'})`, () => {
  it.each([true, false])('padding, trailers and FCS behind up to two tags; with FCS: %s', (hasFcs) => {
    const frames = [[], [10], [0xa00a, 0x7fff]].flatMap((tags) =>
      [0, 5, 14, 17, 18, 19, 22, 30].flatMap((dataBytes) =>
        [0, 60, 64, 68, 72].flatMap((length) =>
          [0, 7].map((filler) => frame(tags, datagram(dataBytes), length, hasFcs, filler)),
        ),
      ),
    );
    expect(captureDifferences(pcap(frames.map((bytes, part) => ({ seconds: 1_700_000_000, part, bytes }))))).toEqual(
      [],
    );
  });

  describe.each(['sw1', 'sw2', 'router', 'alice'])('a run with a trunk and a router on it, captured at %s', (node) => {
    const run = createRun(SCENARIO);
    run.runToEnd();
    const vantage = { node, interface: null };
    const frames = capturedFrames(run, vantage);
    const ports = portsOf(SCENARIO, vantage);
    const read = frames.map(({ atNs, bytes, comment, direction, port }, index) => ({
      bytes,
      number: index + 1,
      atNs,
      fcs: true,
      comment,
      direction,
      interfaceId: ports.findIndex((each) => each.interface === port.interface),
      interfaceName: `${port.node}:${port.interface}`,
    }));

    it('every field of every frame, every FCS good', () => {
      const capture = captureBytes(run, vantage);
      expect(differences(capture, read, {})).toEqual([]);
      const [rows, tagged] = [tsharkCells(capture, ['eth.fcs.status', 'vlan.id'], VERIFY), new Set<string>()];
      for (const [fcs, id = ''] of rows) {
        expect(fcs).toBe('1');
        tagged.add(id);
      }
      expect([...tagged].toSorted()).toEqual(
        node === 'alice' ? [''] : node === 'router' ? ['10', '20'] : ['', '10', '20'],
      );
    });
  });
});
