import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePacket } from '../../../../src/layers/7-application/mqtt/encode.ts';
import { MQTT_FIELDS } from '../../../../src/layers/7-application/mqtt/fields.ts';
import type { Packet, Version } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { pcapngFile } from '../../../../src/projections/pcapng.ts';
import { ip, onEthernet, tcp } from '../../../referee/frames.ts';
import { differences, tsharkVersion } from '../../../referee/tshark.ts';
import { packet } from './packets.ts';

const PORTS = { sourcePort: 40_000, destinationPort: 1883 };
const ENDS = { source: ip('10.0.0.1'), destination: ip('10.0.0.2') };

/** Octets of one direction of a connection, cut into segments. */
function segments(pieces: readonly Uint8Array[]) {
  let sequence = 1;
  return pieces.map((payload, index) => {
    const bytes = onEthernet(
      tcp({ ...ENDS, ...PORTS, sequence, acknowledgment: 1, flags: 0x18, window: 1000, payload }),
    );
    sequence += payload.length;
    return { bytes, number: index + 1, atNs: index * 1000, fcs: true };
  });
}

function judge(pieces: readonly Uint8Array[], names: readonly string[]): string[] {
  const frames = segments(pieces);
  const seen = frames.map(({ atNs, bytes }) => ({
    interface: 'eth0',
    atNs,
    bytes,
    comment: null,
    direction: 'outbound' as const,
  }));
  return differences(pcapngFile(['eth0'], seen), frames, {}, names);
}

/** Wireshark writes control characters and what a terminal cannot show in ways of its own. */
function isPlain(one: Packet): boolean {
  const text = JSON.stringify(one, (_, value) => (value instanceof Uint8Array ? [...value] : value));
  if (one.type === 'connect' && !one.password?.every((octet) => octet >= 0x20 && octet <= 0x7e)) return !one.password;
  return /^[\x20-\x7e]*$/.test(text) && !/\\/.test(text);
}

const CONNECT: Packet = {
  type: 'connect',
  version: 4,
  clientId: 'c',
  clean: true,
  keepAliveSeconds: 60,
  will: null,
  username: null,
  password: null,
  properties: {},
};

const NAMES = [
  ...Object.values(MQTT_FIELDS).map(({ name }) => name),
  'mqtt',
  'frame.protocols',
  '_ws.col.Protocol',
  '_ws.col.Info',
];

describe.skipIf(tsharkVersion() === null)('MQTT as tshark reads it', () => {
  const sampled = (version: Version, count: number, seed: number): Packet[] =>
    fc.sample(packet(version).filter(isPlain), { numRuns: count, seed });

  it.each([4, 5] as const)('every field of every kind of packet, protocol level %i', (version) => {
    const packets = [{ ...CONNECT, version }, ...sampled(version, 400, 7).filter(({ type }) => type !== 'connect')];
    expect(
      judge(
        packets.map((one) => encodePacket(one, version)),
        NAMES,
      ),
    ).toEqual([]);
  });

  it.each([4, 5] as const)('CONNECT with all that may be in it, protocol level %i', (version) => {
    const connects = packet(version).filter((one) => one.type === 'connect' && isPlain(one));
    const packets = fc.sample(connects, { numRuns: 60, seed: 11 });
    expect(
      judge(
        packets.map((one) => encodePacket(one, version)),
        NAMES,
      ),
    ).toEqual([]);
  });

  it('packets that share segments, and segments that share packets', () => {
    const packets = [CONNECT, ...sampled(4, 200, 13).filter(({ type }) => type !== 'connect')];
    const stream = Buffer.concat(packets.map((one) => encodePacket(one, 4)));
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += 37) pieces.push(stream.subarray(at, at + 37));
    expect(judge(pieces, NAMES)).toEqual([]);
  });
});
