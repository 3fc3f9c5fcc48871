/** Linux cooked captures and loopback links whose addresses are of other lengths: tshark reads them as we do. */

import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { bytesOf, ip, joined, udp } from './frames.ts';
import { hex } from './ipv6-frames.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const PACKET = udp(ip('10.0.0.1'), ip('10.0.0.2'), 40_000, 40_001, bytesOf('x'));
const check = (network: number, frames: readonly Uint8Array[], names?: readonly string[]) => {
  const records = frames.map((bytes, index) => ({ seconds: 1_700_000_000 + index, part: 0, bytes }));
  expect(captureDifferences(pcap(records, { network }), names)).toEqual([]);
};

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it.each([0, 4, 6])('an address of %i octets, version 1', (length) => {
    check(113, [joined(hex(`0000 0001 000${length} 0a00000100010000 0800`), PACKET)]);
  });

  it.each([0, 4, 6])('an address of %i octets, and nothing in it that anybody knows', (length) => {
    check(113, [hex(`0000 0001 000${length} 0a00000100010000 9999 0102`)], ['_ws.col.Source', 'sll.halen']);
  });

  it.each([0, 4, 6])('an address of %i octets, version 2', (length) => {
    check(276, [joined(hex(`0800 0000 00000002 0001 00 0${length} 0a00000100010000`), PACKET)]);
  });
});
