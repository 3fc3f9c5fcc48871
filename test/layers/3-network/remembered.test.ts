/** What layer 3 remembers of others is bounded, and forgetting it changes no answer. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { ErrorLimit, LINUX_ERROR_LIMIT, RFC_ERROR_LIMIT } from '../../../src/layers/3-network/error-limit.ts';
import { PathMtus } from '../../../src/layers/3-network/ipv6/path-mtus.ts';
import { makeRoute, Routes } from '../../../src/layers/3-network/routes.ts';
import { pseudoHeaderSum } from '../../../src/layers/3-network/service.ts';

const MS = 1_000_000;
const NET = 0x20010db8n << 96n;

function host() {
  const kernel = new Kernel('1', new Journal(true));
  return { kernel, context: new Context(kernel, 'host') };
}

describe('errors', () => {
  it('are ten at once and one more after each 100 ms, whoever asks (RFC 4443 section 2.4(f))', () => {
    const { kernel, context } = host();
    const limit = new ErrorLimit(context, RFC_ERROR_LIMIT);
    const sent = (count: number) => Array.from({ length: count }, (_, peer) => limit.allows(peer, false));
    expect(sent(12)).toEqual([...new Array(10).fill(true), false, false]);
    kernel.idleUntil(250 * MS);
    expect(sent(3)).toEqual([true, true, false]);
    kernel.idleUntil(300 * MS);
    expect(sent(2)).toEqual([true, false]);
  });

  it('are six to each peer of a Linux host, for more peers than are remembered, and without end where a packet is too big', () => {
    const { context } = host();
    const limit = new ErrorLimit(context, LINUX_ERROR_LIMIT);
    for (let peer = 0; peer < 5000; peer++) {
      const sent = Array.from({ length: 7 }, () => limit.allows(peer, false));
      expect(sent).toEqual([true, true, true, true, true, true, false]);
      expect(limit.allows(peer, true)).toBe(true);
    }
  });
});

describe('routes', () => {
  it('are found for more destinations than are remembered, and anew when they change', () => {
    const routes = new Routes<number, string>([
      makeRoute<number, string>(0x0a000000, 8, null, 'wide'),
      makeRoute<number, string>(0x0a010000, 16, null, 'narrow'),
    ]);
    const outOf = (destination: number) => routes.lookUp(destination)?.out ?? null;
    for (let turn = 0; turn < 2; turn++) {
      for (let host = 0; host < 5000; host++) {
        expect([outOf(0x0a010000 + host), outOf(0x0a020000 + host)]).toEqual(['narrow', 'wide']);
      }
    }
    expect(outOf(0x0b000000)).toBeNull();
    routes.replace([makeRoute<number, string>(0x0b000000, 8, null, 'other')]);
    expect([outOf(0x0a010000), outOf(0x0b000000)]).toEqual([null, 'other']);
  });
});

describe('paths', () => {
  it('have the MTU that was told of them for ten minutes, and others that of the link (RFC 8201)', () => {
    const { kernel, context } = host();
    const mtus = new PathMtus(context);
    expect(mtus.within(1500, NET)).toBe(1500);
    mtus.learn(NET, 1400, 1500, 'a router said so');
    mtus.learn(NET + 1n, 1000, 1500, 'a router said so');
    mtus.learn(NET + 2n, 9000, 1500, 'a router said so');
    expect([0n, 1n, 2n].map((host) => mtus.within(1500, NET + host))).toEqual([1400, 1280, 1500]);
    kernel.idleUntil(600_000 * MS - 1);
    expect(mtus.within(1500, NET)).toBe(1400);
    kernel.idleUntil(600_000 * MS);
    expect(mtus.within(1500, NET)).toBe(1500);
  });
});

describe('sums of addresses', () => {
  it('are those of their words (RFC 8200 section 8.1), of more addresses than are remembered', () => {
    const plain = (address: bigint) => {
      let total = 0;
      for (let word = 0n; word < 8n; word++) total += Number((address >> (16n * word)) & 0xffffn);
      return total;
    };
    for (let host = 0n; host < 3000n; host++) {
      const [one, other] = [NET + (host << 33n) + host, NET + (host % 7n)];
      expect(pseudoHeaderSum(one, other, 6, 0x12345)).toBe(plain(one) + plain(other) + 6 + 0x2345 + 1);
    }
  });
});
