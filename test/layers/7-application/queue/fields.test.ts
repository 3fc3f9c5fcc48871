import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeContentHeader } from '../../../../src/layers/7-application/queue/content.ts';
import { AMQP_FIELDS } from '../../../../src/layers/7-application/queue/fields.ts';
import { encodeFrame, FRAME_TYPE, PROTOCOL_HEADER } from '../../../../src/layers/7-application/queue/header.ts';
import { encodeMethod } from '../../../../src/layers/7-application/queue/methods.ts';
import { pcapngFile } from '../../../../src/projections/pcapng.ts';
import { ip, onEthernet, tcp } from '../../../referee/frames.ts';
import { differences, tsharkVersion } from '../../../referee/tshark.ts';
import { method, properties } from './methods.ts';

const PORTS = { sourcePort: 40_000, destinationPort: 5672 };
const ENDS = { source: ip('10.0.0.1'), destination: ip('10.0.0.2') };
const NAMES = [
  ...Object.values(AMQP_FIELDS).map(({ name }) => name),
  'amqp',
  'frame.protocols',
  '_ws.col.Protocol',
  '_ws.col.Info',
];

function judge(pieces: readonly Uint8Array[], names: readonly string[] = NAMES): string[] {
  let sequence = 1;
  const frames = pieces.map((payload, index) => {
    const segment = { ...ENDS, ...PORTS, sequence, acknowledgment: 1, flags: 0x18, window: 1000, payload };
    sequence += payload.length;
    return { bytes: onEthernet(tcp(segment)), number: index + 1, atNs: index * 1000, fcs: true };
  });
  const seen = frames.map(({ atNs, bytes }) => ({
    interface: 'eth0',
    atNs,
    bytes,
    comment: null,
    direction: 'outbound' as const,
  }));
  return differences(pcapngFile(['eth0'], seen), frames, {}, names);
}

const isPlain = (payload: Uint8Array) =>
  !/[\x01-\x06\x08-\x1f\x7f-\xff]{4,}/.test(Buffer.from(payload).toString('latin1'));

function sampled(count: number, seed: number): Uint8Array[] {
  const methods = fc.sample(method, { numRuns: count, seed }).map(encodeMethod);
  const headers = fc
    .sample(properties, { numRuns: count / 5, seed })
    .map((each) => encodeContentHeader({ bodyBytes: 3, properties: each }));
  return [
    PROTOCOL_HEADER,
    ...methods.filter(isPlain).map((each) => encodeFrame(FRAME_TYPE.method, 1, each)),
    ...headers.filter(isPlain).map((each) => encodeFrame(FRAME_TYPE.header, 1, each)),
    encodeFrame(FRAME_TYPE.body, 1, Buffer.from('abc')),
    encodeFrame(FRAME_TYPE.body, 1, new Uint8Array(0)),
    encodeFrame(FRAME_TYPE.heartbeat, 0, new Uint8Array(0)),
  ];
}

describe.skipIf(tsharkVersion() === null)('AMQP as tshark reads it', () => {
  it('every field of every method, header and body', () => expect(judge(sampled(300, 3))).toEqual([]));

  it('frames that share segments, and segments that share frames', () => {
    const stream = Buffer.concat(sampled(200, 5).slice(1));
    const pieces: Uint8Array[] = [PROTOCOL_HEADER];
    for (let at = 0; at < stream.length; at += 61) pieces.push(stream.subarray(at, at + 61));
    // Where only a part of a frame's header had come, Wireshark lists the protocol twice; that is TCP's matter.
    expect(
      judge(
        pieces,
        NAMES.filter((name) => name !== 'frame.protocols'),
      ),
    ).toEqual([]);
  });
});
