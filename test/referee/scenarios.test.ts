/** tshark reads the capture of every bundled scenario: clean, and every field as we wrote it. */

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/layers/codecs.ts';
import type { Vantage } from '../../src/projections/capture.ts';
import { BUNDLED, captureBytes, capturedFrames, loadBundled, runToEnd } from '../bundled.ts';
import { differences, tsharkCells, tsharkVersion, VERIFY } from './tshark.ts';

const version = tsharkVersion();

/** What tshark says otherwise of a frame whose payload it reads and we do not yet: none of it is about our headers. */
const BY_PAYLOAD =
  /^(data|data-text-lines|frame\.protocols|tcp\.(pdu|segment|reassembled).*|data\..*|_ws\.col\.(Protocol|Info))$/;
const READ_BY_US = new Set([...PROTOCOLS.keys(), 'ethertype', 'data-text-lines']);

const STATUSES = ['ip', 'tcp', 'udp', 'icmp'].map((protocol) => `${protocol}.checksum.status`);
const WARN = 6_291_456;

/** What a scenario is about may be what tshark warns of: then it must do so, and of nothing else. */
const REMARKS: Readonly<Record<string, RegExp>> = {
  'ack-is-not-delivered': /^Connection reset \(RST\)$/,
  'fairness-two-flows': /^This frame is a \(suspected\) out-of-order segment$/,
  'mystery-2': /^Duplicate IP address configured \(10\.0\.0\.100\)$/,
  'flow-vs-congestion': /^TCP (Zero Window segment|window specified by the receiver is now completely full)$/,
  'sio-duplicate-listeners': /^Connection reset \(RST\)$/,
  'slow-start-to-cubic': /^This frame is a \(suspected\) out-of-order segment$/,
  'tcp-reorder': /^This frame is a \(suspected\) out-of-order segment$/,
};

describe.skipIf(version === null)(`tshark (${version ?? 'not installed: apt-get install tshark'})`, () => {
  describe.each(BUNDLED)('%s', (name) => {
    const scenario = loadBundled(name);
    const run = runToEnd(scenario);
    const first = scenario.nodes.find(({ kind }) => kind === 'host');
    const vantage: Vantage = { node: first?.name as string, interface: null };
    const capture = captureBytes(run, vantage);
    const frames = capturedFrames(run, vantage);

    it('no Warn or Error, every FCS good, no checksum bad or unverified', () => {
      const rows = tsharkCells(
        capture,
        ['_ws.expert.severity', '_ws.expert.message', 'eth.fcs.status', 'icmp', ...STATUSES],
        VERIFY,
      );
      expect(rows.length).toBe(frames.length);
      const remark = REMARKS[name];
      const remarks: string[] = [];
      const problems = rows.flatMap(([severity = '', message = '', fcs, icmp, ...statuses], index) => {
        const messages = message.split('\x02');
        const serious = messages.filter((_, at) => Number(severity.split('\x02')[at]) >= WARN);
        remarks.push(...serious.filter((text) => remark?.test(text)));
        const warns = serious.some((text) => !remark?.test(text));
        const isBad = statuses.some(
          (status) => status.split('\x02').includes('0') || (icmp === '' && status.split('\x02').includes('2')),
        );
        return warns || fcs !== '1' || isBad ? [`frame ${index + 1}: ${message} fcs ${fcs} ${statuses.join(' ')}`] : [];
      });
      expect(problems).toEqual([]);
      expect(remarks.length > 0).toBe(remark !== undefined);
    });

    it('times are exact to the nanosecond, and lost frames say why in a comment', () => {
      const rows = tsharkCells(capture, ['frame.time_epoch', 'frame.comment'], []);
      for (const [index, { atNs, comment }] of frames.entries()) {
        const ns = 946_684_800_000_000_000n + BigInt(atNs);
        expect(rows[index]).toEqual([
          `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`,
          comment ?? '',
        ]);
      }
    });

    it('every field of every frame, cell by cell', () => {
      const read = frames.map(({ atNs, bytes, comment, direction, port }, index) => ({
        bytes,
        number: index + 1,
        atNs,
        fcs: true,
        comment,
        direction,
        interfaceId: [...new Set(frames.map(({ port: each }) => each.interface))].indexOf(port.interface),
        interfaceName: `${port.node}:${port.interface}`,
      }));
      const rows = tsharkCells(capture, ['tcp.stream', 'frame.protocols'], []);
      const isUnread = (protocols = '') => protocols.split(':').some((protocol) => !READ_BY_US.has(protocol));
      const unreadStreams = new Set(rows.flatMap(([stream = '', protocols]) => (isUnread(protocols) ? [stream] : [])));
      const unread = rows.map(([stream = '']) => stream !== '' && unreadStreams.has(stream));
      const isOurs = (line: string) => {
        const [, frame, field = ''] = /^(\d+) ([^:]+):/.exec(line) ?? [];
        return !(unread[Number(frame) - 1] && BY_PAYLOAD.test(field));
      };
      expect(differences(capture, read, {}).filter(isOurs)).toEqual([]);
    });
  });
});
