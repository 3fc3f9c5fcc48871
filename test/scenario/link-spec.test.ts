import { describe, expect, it } from 'vitest';
import { LINK_PROFILES } from '../../src/scenario/link-profile.ts';
import type { LinkSpec } from '../../src/scenario/scenario.ts';
import { expectProblem, expectWarning, HEAD, scenarioOf } from './loading.ts';

const text = (keys: string) => `${HEAD}nodes: { a: {}, b: {} }\nlinks:\n  - { between: [a, b], ${keys} }\n`;

function linkOf(keys: string): LinkSpec {
  const [link] = scenarioOf(text(keys)).links;
  if (!link) throw new Error('no link');
  return link;
}

const PLAIN = {
  delayNs: 0,
  jitterNs: 0,
  bitsPerSecond: null,
  loss: { kind: 'uniform', perMillion: 0 },
  duplicatePerMillion: 0,
  reorderPerMillion: 0,
  corruptPerMillion: 0,
  queue: { packets: 1_000 },
  aqm: 'tail-drop',
  down: false,
  scripted: [],
};

describe('links', () => {
  it('without keys are plain cables', () => {
    expect(linkOf('')).toEqual({
      id: 'a-b',
      a: { node: 'a', interface: 'eth0' },
      b: { node: 'b', interface: 'eth0' },
      mtuBytes: 1_500,
      aToB: PLAIN,
      bToA: PLAIN,
      place: { line: 5, column: 5 },
    });
  });

  it('take a profile and an MTU for one direction, which go before what stands for both', () => {
    const link = linkOf('profile: wifi, delay: 3ms, mtu: 1400B, a-to-b: { profile: dsl, loss: 2%, mtu: 600B }');
    const [up] = LINK_PROFILES.dsl;
    const [, back] = LINK_PROFILES.wifi;
    expect(link.aToB).toEqual({ ...PLAIN, ...up, loss: { kind: 'uniform', perMillion: 20_000 } });
    expect(link.bToA).toEqual({ ...PLAIN, ...back, delayNs: 3_000_000 });
    expect(link).toMatchObject({ mtuBytes: 1_400, mtuBytesOf: { aToB: 600 } });
    expect(linkOf('b-to-a: { profile: dsl }').bToA.bitsPerSecond).toBe(1_500_000);
  });

  it('have every impairment in both directions', () => {
    const link = linkOf(
      'id: x, delay: 20ms, jitter: 5ms, rate: 10Mbit, loss: 1%, duplicate: 2%, reorder: 3%, corrupt: 4%, queue: 64KiB, mtu: 1400B, aqm: tail-drop',
    );
    const expected = {
      delayNs: 20_000_000,
      jitterNs: 5_000_000,
      bitsPerSecond: 10_000_000,
      loss: { kind: 'uniform', perMillion: 10_000 },
      duplicatePerMillion: 20_000,
      reorderPerMillion: 30_000,
      corruptPerMillion: 40_000,
      queue: { bytes: 65_536 },
      aqm: 'tail-drop',
      down: false,
      scripted: [],
    };
    expect(link).toMatchObject({ id: 'x', mtuBytes: 1_400, aToB: expected, bToA: expected });
  });

  it('may differ in one direction', () => {
    const { aToB, bToA } = linkOf('delay: 20ms, loss: 1%, a-to-b: { loss: 5%, rate: 1Mbit }, b-to-a: { queue: 3pkt }');
    expect(aToB).toEqual({
      ...PLAIN,
      delayNs: 20_000_000,
      loss: { kind: 'uniform', perMillion: 50_000 },
      bitsPerSecond: 1_000_000,
    });
    expect(bToA).toEqual({
      ...PLAIN,
      delayNs: 20_000_000,
      loss: { kind: 'uniform', perMillion: 10_000 },
      queue: { packets: 3 },
    });
  });

  it('lose in bursts', () => {
    expect(linkOf('loss: { gilbert: { enter: 1%, leave: 20% } }').aToB.loss).toEqual({
      kind: 'gilbert',
      enterPerMillion: 10_000,
      leavePerMillion: 200_000,
      goodPerMillion: 0,
      badPerMillion: 1_000_000,
    });
    expect(linkOf('loss: { gilbert: { enter: 1%, leave: 20%, good: 0.1%, bad: 50% } }').aToB.loss).toMatchObject({
      goodPerMillion: 1_000,
      badPerMillion: 500_000,
    });
    expectProblem(text('loss: { gilbert: ⟦{⟧ enter: 1% } }'), 'PW0302', 'the key `leave` is missing');
    expectProblem(
      text('loss: ⟦[1%]⟧'),
      'PW0303',
      'expected a percentage such as `5%`, `0.1%` or a mapping, found a list',
    );
  });

  it('reordering without delay is a warning', () => {
    expectWarning(text('⟦reorder⟧: 5%'), 'PW0705', 'without `delay` nothing is reordered');
    expectWarning(text('a-to-b: { ⟦reorder⟧: 5% }'), 'PW0705', 'without `delay` nothing is reordered');
    expect(linkOf('reorder: 5%, delay: 1ms').aToB.reorderPerMillion).toBe(50_000);
  });

  it('join exactly two ends', () => {
    expectProblem(
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: ⟦[a]⟧ }]\n`,
      'PW0306',
      'the list must have at least 2 items',
    );
    expectProblem(
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: ⟦[a, b, a]⟧ }]\n`,
      'PW0306',
      'the list must have at most 2 items',
    );
    expectProblem(
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [⟦{⟧ delay: 1ms }]\n`,
      'PW0302',
      'the key `between` is missing',
    );
  });
});

describe('scripted faults', () => {
  it('select by nth, count, every, or take all', () => {
    const { aToB } = linkOf(
      'drop: [{ match: tcp, nth: 3 }, { match: udp, count: 2 }], delay-frame: [{ match: arp, every: 4, by: 50ms }], duplicate-frame: [{ match: ip }], corrupt-frame: [{ match: icmp, nth: 1 }]',
    );
    expect(aToB.scripted.map(({ fault, match, select, delayNs }) => [fault, match.text, select, delayNs])).toEqual([
      ['drop', 'tcp', { nth: 3 }, 0],
      ['drop', 'udp', { count: 2 }, 0],
      ['delay', 'arp', { every: 4 }, 50_000_000],
      ['duplicate', 'ip', 'all', 0],
      ['corrupt', 'icmp', { nth: 1 }, 0],
    ]);
    expect(aToB.scripted[0]?.match.place).toEqual({ line: 5, column: 40 });
  });

  it('of a link are the same objects in both directions; of a direction, only its own', () => {
    const { aToB, bToA } = linkOf('drop: [{ match: tcp, nth: 3 }], b-to-a: { drop: [{ match: udp }] }');
    expect(aToB.scripted).toHaveLength(1);
    expect(bToA.scripted).toHaveLength(2);
    expect(bToA.scripted[0]).toBe(aToB.scripted[0]);
  });

  it('need a filter, one selector, and `by` for a delay', () => {
    expectProblem(text('drop: [⟦{⟧ nth: 1 }]'), 'PW0302', 'the key `match` is missing');
    expectProblem(
      text('drop: [{ match: tcp, nth: 1, ⟦every⟧: 2 }]'),
      'PW0307',
      '`every` does not go together with `nth`',
    );
    expectProblem(text('drop: [{ match: tcp, nth: ⟦0⟧ }]'), 'PW0306', 'it must be at least 1');
    expectProblem(text('delay-frame: [⟦{⟧ match: tcp }]'), 'PW0302', 'the key `by` is missing');
    expectProblem(text('drop: [{ match: tcp, ⟦by⟧: 1s }]'), 'PW0301', 'unknown key `by`');
  });
});

describe('link profiles', () => {
  it('fill what is not written', () => {
    const { aToB, bToA } = linkOf('profile: dsl, loss: 1%, b-to-a: { rate: 3Mbit }');
    expect(aToB).toEqual({
      ...PLAIN,
      delayNs: 25_000_000,
      bitsPerSecond: 384_000,
      queue: { packets: 50 },
      loss: { kind: 'uniform', perMillion: 10_000 },
    });
    expect(bToA).toMatchObject({ delayNs: 25_000_000, bitsPerSecond: 3_000_000, queue: { packets: 50 } });
  });

  it.each(Object.keys(LINK_PROFILES))('%s has a rate and a delay both ways, in whole numbers', (profile) => {
    const { aToB, bToA } = linkOf(`profile: ${profile}`);
    for (const { delayNs, jitterNs, bitsPerSecond } of [aToB, bToA]) {
      expect(Number.isInteger(delayNs) && delayNs > 0 && Number.isInteger(jitterNs) && jitterNs <= delayNs).toBe(true);
      expect(Number.isInteger(bitsPerSecond) && Number(bitsPerSecond) > 0).toBe(true);
    }
  });
});
