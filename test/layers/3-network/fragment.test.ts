import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { fragment, IPV4_FRAGMENTS } from '../../../src/layers/3-network/ipv4/fragment.ts';
import { checkIpv4, flagsAndOffsetOf, writeIpv4 } from '../../../src/layers/3-network/ipv4/header.ts';
import { Reassembly } from '../../../src/layers/3-network/reassembly.ts';
import { Pdu } from '../../../src/layers/pdu.ts';

const SECOND = 1_000_000_000;

function datagram(length: number, { flags = 0, identification = 7 } = {}): Pdu {
  const pdu = Pdu.around(new Uint8Array(length).map((_, at) => (at * 31 + (at >>> 8)) & 0xff));
  const at = pdu.seal(20);
  writeIpv4(pdu.bytes, at, {
    totalLength: pdu.length,
    identification,
    flagsAndOffset: flags,
    ttl: 64,
    protocol: 17,
    source: 1,
    destination: 2,
  });
  return pdu;
}

function host(timeoutSeconds = 60) {
  const kernel = new Kernel('1', new Journal(true));
  const timeouts: number[] = [];
  const reassembly = new Reassembly(new Context(kernel, 'host'), IPV4_FRAGMENTS, timeoutSeconds * SECOND, () =>
    timeouts.push(kernel.nowNs / SECOND),
  );
  const reasons = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
  return { kernel, reassembly, timeouts, reasons };
}

describe('fragmentation (RFC 791 section 3.2)', () => {
  it('4000 octets over an MTU of 1500: 1480 + 1480 + 1040 at offsets 0, 185, 370', () => {
    const pieces = fragment(datagram(4000), 1500);
    expect(pieces.map(({ bytes, start, length }) => [length - 20, flagsAndOffsetOf(bytes, start)])).toEqual([
      [1480, 0x2000],
      [1480, 0x2000 | 185],
      [1040, 370],
    ]);
    for (const { bytes, start, end } of pieces) expect(checkIpv4(bytes, start, end)).toBeNull();
  });

  it('a fragment that is cut again keeps its place and its "more fragments"', () => {
    const [, second] = fragment(datagram(4000), 1500);
    const again = fragment(second as Pdu, 800);
    expect(again.map(({ bytes, start }) => flagsAndOffsetOf(bytes, start))).toEqual([
      0x2000 | 185,
      0x2000 | (185 + 97),
    ]);
  });
});

describe('reassembly (RFC 791, RFC 1122 section 3.3.2)', () => {
  it('cut at any MTUs, in any order, with copies: the same datagram, once', () => {
    const shape = fc.record({
      length: fc.integer({ min: 1, max: 9000 }),
      first: fc.integer({ min: 68, max: 3000 }),
      second: fc.integer({ min: 68, max: 3000 }),
    });
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), ({ length, first, second }, random) => {
        const whole = datagram(length);
        const expected = [...whole.view()];
        const pieces = fragment(whole, first).flatMap((piece) =>
          piece.length > second ? fragment(piece, second) : [piece],
        );
        const copies = pieces.flatMap((piece) => (Number(random.next().value) % 4 === 0 ? [piece, piece] : [piece]));
        const order = copies
          .map((piece) => ({ piece, at: Number(random.next().value) }))
          .sort((one, other) => one.at - other.at);
        const { reassembly } = host();
        const made = order.flatMap(({ piece }) => {
          if (pieces.length === 1) return [piece];
          const done = reassembly.take(piece, 'eth0');
          return done ? [done] : [];
        });
        expect(made.length).toBeGreaterThanOrEqual(1);
        for (const each of made) expect([...each.view()]).toEqual(expected);
      }),
    );
  });

  it('overlapping pieces end the datagram (teardrop, bad-input D4)', () => {
    const { reassembly, reasons } = host();
    const [one, two] = fragment(datagram(3000), 1500);
    reassembly.take(one as Pdu, '');
    const shifted = fragment(datagram(3000), 1204)[1] as Pdu;
    expect(reassembly.take(shifted, '')).toBeNull();
    expect(reasons()).toEqual(['malformed', 'malformed']);
    expect(reassembly.take(two as Pdu, '')).toBeNull();
  });

  it('more than 65,535 octets are refused (ping of death)', () => {
    const { reassembly, reasons } = host();
    const pdu = datagram(1000, { flags: 8191 });
    expect(reassembly.take(pdu, '')).toBeNull();
    expect(reasons()).toEqual(['malformed']);
  });

  it('after 60 s what is there is dropped; ICMP 11/1 only when the first fragment is', () => {
    const [one, two] = fragment(datagram(3000), 1500);
    for (const [piece, expected] of [
      [one, [60]],
      [two, []],
    ] as const) {
      const { reassembly, kernel, timeouts, reasons } = host();
      reassembly.take(piece as Pdu, '');
      while (kernel.step());
      expect([timeouts, reasons()]).toEqual([expected, ['timed-out']]);
      const timers = kernel.journal.entries.flatMap(({ event }) => (event.kind === 'timer' ? [event] : []));
      expect(timers.map(({ layer, phase, dueNs }) => [layer, phase, dueNs / SECOND])).toEqual([
        [3, 'set', 60],
        [3, 'fired', 60],
      ]);
    }
  });

  it('at most 64 datagrams wait: the oldest gives way', () => {
    const { reassembly, reasons } = host();
    for (let identification = 0; identification < 70; identification++) {
      reassembly.take(fragment(datagram(3000, { identification }), 1500)[0] as Pdu, '');
    }
    expect(reasons()).toEqual(new Array(6).fill('buffer-full'));
  });

  describe('fragment by fragment', () => {
    /** A fragment of so many octets at an offset, with more behind it or not, and a TTL of its own. */
    const piece = (offset: number, octets: number, hasMore: boolean, ttl = 64): Pdu => {
      const pdu = Pdu.around(new Uint8Array(octets).fill(ttl));
      const at = pdu.seal(20);
      const flagsAndOffset = (hasMore ? 0x2000 : 0) | (offset / 8);
      const rest = { identification: 7, ttl, protocol: 17, source: 1, destination: 2 };
      writeIpv4(pdu.bytes, at, { totalLength: pdu.length, flagsAndOffset, ...rest });
      return pdu;
    };
    const told = ({ kernel }: ReturnType<typeof host>) =>
      kernel.journal.entries.flatMap(({ event }) =>
        event.kind === 'dropped' ? [`${event.layer} ${event.reason}: ${event.detail}`] : [],
      );
    const taken = (...pieces: readonly Pdu[]) => {
      const one = host();
      const results = pieces.map((each) => one.reassembly.take(each, 'eth0'));
      return { ...one, results, told: told(one) };
    };
    const MULTIPLE = 'a fragment with more behind it must carry a multiple of 8 octets';
    const OVERLAP = 'fragments overlap';
    const BEHIND = 'a fragment lies behind the last one';

    it('the header is that of the first fragment, whichever came first', () => {
      const { results } = taken(piece(16, 8, false, 30), piece(8, 8, true, 20), piece(0, 8, true, 10));
      const whole = results[2] as Pdu;
      expect(whole.bytes[whole.start + 8]).toBe(10);
      expect([...whole.view().subarray(20)]).toEqual([10, 20, 30].flatMap((octet) => new Array(8).fill(octet)));
    });

    it('a last fragment may be empty, and comes before or after', () => {
      for (const pieces of [
        [piece(16, 0, false), piece(0, 16, true)],
        [piece(0, 16, true), piece(16, 0, false)],
      ]) {
        expect(taken(...pieces).results[1]?.length).toBe(36);
      }
    });

    it('a copy is dropped alone, and says nothing of the rest', () => {
      const { results, told } = taken(piece(8, 8, true), piece(8, 8, true), piece(0, 8, true), piece(16, 1, false));
      expect(results.slice(0, 3)).toEqual([null, null, null]);
      expect(results[3]?.length).toBe(37);
      expect(told).toEqual(['3 duplicate: this fragment is here already']);
    });

    it('who needs the pieces too gets them with the whole, in the order of what they carry, and nothing before', () => {
      const { reassembly } = host();
      const pieces = [piece(8, 8, false), piece(8, 8, false), piece(0, 8, true)];
      const [last, copy, first] = pieces.map((each) => reassembly.collect(each, 'eth0'));
      expect([last, copy, reassembly.collect(piece(0, 9, true), 'eth0')]).toEqual([null, null, null]);
      expect([first?.whole.length, first?.pieces]).toEqual([36, [pieces[2], pieces[0]]]);
    });

    it('what cannot be part of it ends the datagram: every piece is dropped, with the reason', () => {
      for (const [pieces, why] of [
        [[piece(8, 9, true)], MULTIPLE],
        [[piece(8, 0, true)], MULTIPLE],
        [[piece(0, 0, true)], MULTIPLE],
        [[piece(0, 16, true), piece(0, 8, true)], OVERLAP],
        [[piece(0, 16, true), piece(8, 8, true)], OVERLAP],
        [[piece(8, 8, false), piece(16, 8, true)], BEHIND],
        [[piece(16, 8, false), piece(0, 8, false)], BEHIND],
        [[piece(16, 8, true), piece(0, 8, false)], BEHIND],
      ] as const) {
        expect(taken(...pieces).told).toEqual(pieces.map(() => `3 malformed: ${why}`));
      }
    });

    it('65,535 octets with the header, and no more', () => {
      expect(taken(piece(65_512, 3, false)).told).toEqual([]);
      expect(taken(piece(65_512, 4, false)).told).toEqual(['3 malformed: the fragments make more than 65,535 octets']);
    });

    it('what was given up is forgotten: no timeout follows, and the same number begins anew', () => {
      const one = taken(piece(0, 8, true), piece(0, 16, true));
      expect(one.reassembly.take(piece(8, 8, false), 'eth0')).toBeNull();
      expect(one.reassembly.take(piece(0, 8, true), 'eth0')?.length).toBe(36);
      while (one.kernel.step());
      expect(one.timeouts).toEqual([]);
    });

    it('what is whole is forgotten: no timeout follows, and the same number begins anew', () => {
      const pieces = [piece(0, 8, true), piece(8, 8, false)];
      const one = taken(...pieces, ...pieces.map((each) => each.fork()));
      expect(one.results.map((whole) => whole?.length)).toEqual([undefined, 36, undefined, 36]);
      while (one.kernel.step());
      expect([told(one), one.timeouts]).toEqual([[], []]);
    });
  });
});
