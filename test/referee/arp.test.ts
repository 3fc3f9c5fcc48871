/** ARP that doubts: tshark notes a second claim to an address where we do. */

import { expect, it } from 'vitest';
import { writeArp } from '../../src/layers/2-link/arp/header.ts';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { ethernet } from './frames.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const NET = 0x0a000000;
const BROADCAST = 0xffffffffffff;
const STATION = 0x020000000000;

/** Sender's and target's station and address, by their last octets; 0: none. */
type Claim = readonly [operation: number, senderMac: number, sender: number, targetMac: number, target: number];

const CLAIMS: readonly Claim[] = [
  [1, 1, 1, 0, 9],
  [2, 2, 2, 1, 1],
  [2, 3, 1, 2, 2],
  [2, 2, 2, 4, 1],
  [2, 3, 1, 5, 2],
  [1, 3, 1, 0, 8],
  [2, 3, 1, 4, 1],
  [1, 3, 1, 0, 1],
  [2, 3, 1, 3, 1],
  [3, 3, 1, 4, 2],
  [9, 3, 1, 2, 2],
  [2, 3, 1, 0, 9],
  [2, 3, 1, 4, 0],
  [2, 3, 1, 0, 0],
  [2, 1, 1, 0, 1],
  [2, 5, 1, 1, 1],
  ...[0, 3, 4, 5, 6, 7, 8, 10, 24, 25, 99].map((operation): Claim => [operation, 7, 7, 8, 8]),
];

function frame([operation, senderMac, sender, targetMac, target]: Claim): Uint8Array {
  const bytes = new Uint8Array(28);
  const macOf = (last: number) => (last === 0 ? 0 : STATION + last);
  const ipOf = (last: number) => (last === 0 ? 0 : NET + last);
  writeArp(bytes, 0, {
    operation,
    senderMac: macOf(senderMac),
    senderIp: ipOf(sender),
    targetMac: macOf(targetMac),
    targetIp: ipOf(target),
  });
  return ethernet(macOf(senderMac), BROADCAST, 0x0806, bytes);
}

it.skipIf(version === null)('requests and replies that claim what others have, and those that may not', () => {
  const frames = CLAIMS.map((claim, index) => ({ seconds: 1_700_000_000 + index, part: 0, bytes: frame(claim) }));
  expect(captureDifferences(pcap(frames))).toEqual([]);
});
