/** ICMP errors in the words of ping. */

import { expect, it } from 'vitest';
import type { NetworkError } from '../../../../src/layers/3-network/service.ts';
import { errorText } from '../../../../src/layers/7-application/ping/ping.ts';

const FOUR = { destination: 0x0a000001 };
const SIX = { destination: 1n };

it.each<[Partial<NetworkError>, string]>([
  [{ ...FOUR, kind: 'time-exceeded', code: 0 }, 'Time to live exceeded'],
  [{ ...FOUR, kind: 'too-big', code: 4, mtuBytes: 1400 }, 'Frag needed and DF set (mtu = 1400)'],
  [{ ...FOUR, kind: 'parameter-problem', code: 0 }, 'Parameter problem'],
  [{ ...FOUR, kind: 'unreachable', code: 1 }, 'Destination Host Unreachable'],
  [{ ...FOUR, kind: 'unreachable', code: 99 }, 'Destination Unreachable, code 99'],
  [{ ...SIX, kind: 'time-exceeded', code: 0 }, 'Time exceeded: Hop limit'],
  [{ ...SIX, kind: 'time-exceeded', code: 1 }, 'Time exceeded: Defragmentation failure'],
  [{ ...SIX, kind: 'too-big', code: 0, mtuBytes: 1400 }, 'Packet too big: mtu=1400'],
  [{ ...SIX, kind: 'parameter-problem', code: 0 }, 'Parameter problem'],
  [{ ...SIX, kind: 'unreachable', code: 0 }, 'Destination unreachable: No route'],
  [{ ...SIX, kind: 'unreachable', code: 99 }, 'Destination unreachable: code 99'],
])('%o', (error, words) => {
  expect(errorText(error as NetworkError)).toBe(words);
});
