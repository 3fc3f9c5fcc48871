/** Faults of the timeline that overlap, and faults that concern both families of addresses. */

import { describe, expect, it } from 'vitest';
import { createRun, loadScenario } from '../../src/index.ts';
import { verdictsOf } from '../../src/projections/expectations.ts';

function sentencesOf(text: string): string[] {
  const loaded = loadScenario(`packetwalk: 1\ntitle: faults\n${text}`, 'faults.pw.yaml');
  if (loaded.scenario === null) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  const run = createRun(loaded.scenario);
  run.runToEnd();
  return verdictsOf(loaded.scenario, run.entries).map(({ pass, sentence }) => `${pass ? 'ok' : 'no'}: ${sentence}`);
}

const PAIR = `
nodes: { a: {}, b: {} }
links: [{ id: wire, between: [a, b], delay: 1ms, mtu: 1500B }]
`;
const ping = (at: string, size = '56B') =>
  `{ at: ${at}, node: a, do: { ping: { target: b, size: ${size}, df: true } } }`;
const answers = (count: number, within: string) =>
  `{ name: answers until ${within}, match: icmp.type == 0, at: a, within: ${within}, exactly: ${count} }`;

describe('entries of one link whose times overlap undo themselves and nobody else', () => {
  it('keeps what the later one set when the earlier one is over, and forgets both in the end', () => {
    const sentences = sentencesOf(`${PAIR}
timeline:
  - { at: 1s, link: wire, set: { loss: 100% }, for: 10s }
  - { at: 5s, link: wire, set: { delay: 200ms }, for: 10s }
  - ${ping('12s')}
  - ${ping('20s')}
expect:
  - ${answers(0, '12.79s')}
  - ${answers(1, '12.81s')}
  - ${answers(2, '20.01s')}
`);
    expect(sentences.filter((each) => each.startsWith('no'))).toEqual([]);
  });

  it('lets the value stand that was set last, whichever is over first', () => {
    const sentences = sentencesOf(`${PAIR}
timeline:
  - { at: 1s, link: wire, set: { down: true }, for: 10s }
  - { at: 5s, link: wire, set: { down: true }, for: 10s }
  - ${ping('12s')}
  - ${ping('16s')}
expect:
  - ${answers(0, '15s')}
  - ${answers(1, '17s')}
`);
    expect(sentences.filter((each) => each.startsWith('no'))).toEqual([]);
  });

  it('does so with the MTU and with the clock of a node', () => {
    const sentences = sentencesOf(`
nodes: { a: {}, b: { apps: { sink: {} } } }
links: [{ id: wire, between: [a, b], delay: 1ms, mtu: 1500B }]
timeline:
  - { at: 1s, link: wire, set: { mtu: 1000B }, for: 10s }
  - { at: 5s, link: wire, set: { mtu: 600B }, for: 10s }
  - { at: 1s, node: a, skew: 100s, for: 10s }
  - { at: 5s, node: a, skew: 1000s, for: 10s }
  - ${ping('12s', '700B')}
  - ${ping('20s', '1400B')}
  - { at: 12s, node: a, do: { udp-send: { to: "b:9", data: "{t}" } } }
  - { at: 20s, node: a, do: { udp-send: { to: "b:9", data: "{t}" } } }
expect:
  - ${answers(0, '15s')}
  - ${answers(1, '21s')}
  - { name: the later skew, match: 'data.data contains "1012.0"', exactly: 1 }
  - { name: the right time, match: 'data.data contains "20.0"', exactly: 1 }
`);
    expect(sentences.filter((each) => each.startsWith('no'))).toEqual([]);
  });
});

it('sends packets as great as the MTU of its own end allows, and the other end as its own does', () => {
  const sentences = sentencesOf(`
nodes: { a: {}, b: {} }
links: [{ id: wire, between: [a, b], delay: 1ms, a-to-b: { mtu: 600B } }]
timeline:
  - { at: 1s, node: a, do: { ping: { target: b, size: 1000B } } }
  - { at: 2s, link: wire, set: { b-to-a: { mtu: 500B } } }
  - { at: 3s, node: a, do: { ping: { target: b, size: 1000B } } }
expect:
  - { name: two pieces there, match: ip.flags.mf == 1 && ip.src == a, exactly: 2 }
  - { name: one piece back, match: ip.src == b && ip.len == 1028, exactly: 1 }
  - { name: pieces of 500 back, match: ip.src == b && ip.flags.mf == 1, exactly: 2 }
  - { name: answered, match: icmp.type == 0, at: a, at-least: 2 }
`);
  expect(sentences.filter((each) => each.startsWith('no'))).toEqual([]);
});

describe('a partition', () => {
  const LAN = `
nodes:
  a: { ip: [10.0.0.1/24, "2001:db8::a/64"] }
  b: { ip: [10.0.0.2/24, "2001:db8::b/64"] }
  c: { ip: [10.0.0.3/24, "2001:db8::c/64"] }
  lan: { kind: switch }
links:
  - { between: [a, lan], delay: 1ms }
  - { between: [b, lan], delay: 1ms }
  - { between: [c, lan], delay: 1ms }
`;

  it.each(['10.0.0.2', '2001:db8::b', 'fe80::ff:fe00:2'])('lets nothing through to %s, and heals', (address) => {
    const sentences = sentencesOf(`${LAN}
timeline:
  - { at: 2s, node: a, partition: [b], for: 10s }
  - { at: 5s, node: a, do: { ping: "${address}" } }
  - { at: 5s, node: c, do: { ping: "2001:db8::b" } }
  - { at: 20s, node: a, do: { ping: "${address}" } }
expect:
  - { name: cut off, state: link.a-lan.dropped, is: ">= 1", at: 10s }
  - { name: c is not, state: c.ping.received, is: 1 }
  - { name: healed, state: a.ping.received, is: 1 }
`);
    expect(sentences.filter((each) => each.startsWith('no'))).toEqual([]);
  });
});
