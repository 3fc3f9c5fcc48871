import { describe, expect, it } from 'vitest';
import { type FrameTest, verdictsOf } from '../../src/projections/expectations.ts';
import type { Expectation, FilterSpec, Scenario } from '../../src/scenario/scenario.ts';
import { frameOf, HandMade, PAIR, ROUTED, SWITCHED } from './hand-made.ts';

const MS = 1_000_000;
const PLACE = { line: 1, column: 1 };

type Check = Expectation['check'];

/** `n3` matches frames whose first octet is 3: filters have tests of their own. */
const compile =
  ({ text }: FilterSpec): FrameTest =>
  ({ crossing }) =>
    crossing.bytes[0] === Number(text.slice(1));

function filter(text: string): FilterSpec {
  return { text, place: PLACE };
}

function match(text: string, more: Partial<Extract<Check, { kind: 'match' }>> = {}): Check {
  return { kind: 'match', match: filter(text), atLeast: 1, atMost: 1, at: 'first-receiver', withinNs: null, ...more };
}

function judge(run: HandMade, topology: typeof PAIR, check: Check) {
  const interfaces = [{ name: 'eth0', mac: 0, link: null, addresses: [{ address: 0x0a000002, prefix: 24 }] }];
  const nodes = topology.nodes.map((node) => ({ ...node, interfaces }));
  const scenario = { nodes, links: topology.links, expect: [{ name: 'it', place: PLACE, check }] };
  const [verdict] = verdictsOf(scenario as unknown as Scenario, run.entries, compile);
  return verdict;
}

describe('match', () => {
  it('counts a frame as it arrives or as it is lost, but not while it is on its way', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, 20 * MS, 'wire', 'client', frameOf(1));
    run.lost(30 * MS, run.departed(30 * MS, 'wire', 'client', frameOf(1)));
    run.departed(40 * MS, 'wire', 'client', frameOf(1));
    run.crossed(50 * MS, MS, 'wire', 'client', frameOf(2));
    expect(judge(run, PAIR, match('n1', { atLeast: 2, atMost: 2 }))).toEqual({
      name: 'it',
      place: PLACE,
      pass: true,
      counted: 2,
      sentence: '2 frames match n1 (expected exactly 2), at 0.020000, 0.030000 s',
      firstNs: [20 * MS, 30 * MS],
    });
  });

  it('counts a frame once that a switch passes on, and a routed packet in each of its frames', () => {
    const switched = new HandMade(SWITCHED);
    switched.crossed(0, MS, 'left', 'client', frameOf(1));
    switched.crossed(MS, MS, 'right', 'sw', frameOf(1));
    expect(judge(switched, SWITCHED, match('n1'))).toMatchObject({ pass: true, counted: 1, firstNs: [MS] });
    const routed = new HandMade(ROUTED);
    routed.crossed(0, MS, 'lan', 'client', frameOf(1));
    routed.crossed(MS, MS, 'wan', 'router', frameOf(1));
    expect(judge(routed, ROUTED, match('n1'))).toMatchObject({ pass: false, counted: 2 });
  });

  it('counts copies that the network made only where it is asked what was received', () => {
    const run = new HandMade(PAIR);
    const original = run.departed(0, 'wire', 'client', frameOf(1));
    const copy = run.copied(0, original);
    run.arrived(MS, original);
    run.arrived(2 * MS, copy);
    expect(judge(run, PAIR, match('n1'))?.counted).toBe(1);
    expect(judge(run, PAIR, match('n1', { at: 'received' }))?.counted).toBe(2);
    expect(judge(run, PAIR, match('n1', { at: 'sent' }))?.counted).toBe(1);
  });

  it('narrows to what was sent, to what was received, to what came to a node', () => {
    const run = new HandMade(SWITCHED);
    run.crossed(0, MS, 'left', 'client', frameOf(1));
    run.lost(MS, run.departed(MS, 'right', 'sw', frameOf(1)));
    run.lost(3 * MS, run.departed(3 * MS, 'left', 'client', frameOf(1)));
    run.departed(4 * MS, 'left', 'client', frameOf(1));
    const count = (at: 'sent' | 'received' | { node: string }) => judge(run, SWITCHED, match('n1', { at }))?.counted;
    expect(count('sent')).toBe(3);
    expect(count('received')).toBe(1);
    expect(count({ node: 'sw' })).toBe(1);
    expect(count({ node: 'server' })).toBe(0);
    expect(count({ node: 'client' })).toBe(0);
  });

  it('counts what came in time and mentions what came later', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, MS, 'wire', 'client', frameOf(1));
    run.crossed(3000 * MS, MS, 'wire', 'client', frameOf(1));
    expect(judge(run, PAIR, match('n1', { withinNs: 2000 * MS }))).toMatchObject({
      pass: true,
      counted: 1,
      sentence: '1 frame matches n1 within 2 s (expected exactly 1), at 0.001000 s, and 1 later, at 3.001000 s',
    });
  });

  it.each([
    [0, 0, 'expected none ever'],
    [2, Number.POSITIVE_INFINITY, 'expected at least 2'],
    [0, 3, 'expected at most 3'],
    [2, 3, 'expected 2 to 3'],
  ])('says what %i to %s is', (atLeast, atMost, words) => {
    const run = new HandMade(PAIR);
    run.crossed(0, MS, 'wire', 'client', frameOf(1));
    const verdict = judge(run, PAIR, match('n1', { atLeast, atMost }));
    expect(verdict?.sentence).toContain(words);
    expect(verdict?.pass).toBe(atLeast <= 1 && atMost >= 1);
  });
});

describe('order', () => {
  const run = new HandMade(PAIR);
  for (const [at, number] of [1, 2, 3].entries()) run.crossed(at * 10 * MS, MS, 'wire', 'client', frameOf(number));
  const order = (...texts: string[]): Check => ({ kind: 'order', order: texts.map(filter), withinNs: null });

  it('accepts what was seen in that order, with other frames between', () => {
    expect(judge(run, PAIR, order('n1', 'n3'))).toMatchObject({
      pass: true,
      sentence: 'all 2 were seen in that order, at 0.001000, 0.021000 s',
    });
  });

  it('says where the order broke, and that the frame came too early', () => {
    expect(judge(run, PAIR, order('n3', 'n1'))).toMatchObject({
      pass: false,
      counted: 1,
      sentence: 'after step 1 at 0.021000 s no frame matches n1 (only before, at 0.001000 s)',
    });
    expect(judge(run, PAIR, order('n9', 'n1'))?.sentence).toBe('no frame matches n9, which was expected first');
  });

  it('takes one frame for one step only', () => {
    expect(judge(run, PAIR, order('n1', 'n1'))?.pass).toBe(false);
  });
});

describe('state', () => {
  const run = new HandMade(PAIR);
  run.metric(0, 'client', 'tcp.http', 'cwnd', 10);
  run.state(5 * MS, 'client', 'tcp.http', 'CLOSED', 'ESTABLISHED');
  run.metric(9 * MS, 'client', 'tcp.http', 'cwnd', 20);

  const state = (
    path: string,
    comparison: '==' | '>=' | '!=' | '<',
    value: string | number,
    at: 'end' | number = 'end',
  ): Check => ({
    kind: 'state',
    path,
    is: { comparison, value },
    at: at === 'end' ? at : { atNs: at },
  });

  it.each([
    ['client.tcp.http.cwnd', '==', 20, 'end', true],
    ['client.tcp.http.cwnd', '>=', 15, 'end', true],
    ['client.tcp.http.cwnd', '>=', 15, 8 * MS, false],
    ['client.tcp.http.state', '==', 'ESTABLISHED', 'end', true],
    ['client.tcp.http.state', '!=', 'CLOSED', 'end', true],
    ['client.tcp.http.state', '<', 5, 'end', false],
    ['link.wire.dropped', '==', 0, 'end', true],
  ] as const)('%s %s %s at %s: %s', (path, comparison, value, at, pass) => {
    expect(judge(run, PAIR, state(path, comparison, value, at))?.pass).toBe(pass);
  });

  it('says what it is', () => {
    expect(judge(run, PAIR, state('client.tcp.http.cwnd', '>=', 30))?.sentence).toBe(
      'client.tcp.http.cwnd is 20 at the end (expected >= 30)',
    );
  });

  it('names neighbours of a path without a value', () => {
    expect(judge(run, PAIR, state('client.tcp.http.cwmd', '==', 1))).toMatchObject({
      pass: false,
      sentence:
        'client.tcp.http.cwmd has no value at the end (expected 1); there is client.tcp.http.cwnd, client.tcp.http.state',
    });
  });
});

describe('delivered', () => {
  const UDP = 'udp 10.0.0.1:1 10.0.0.2:9';
  const delivered = (more: object): Check => ({
    kind: 'delivered',
    from: 'client',
    to: 'server',
    unit: 'all',
    amount: null,
    exactlyOnce: true,
    inOrder: true,
    ...more,
  });

  function run(...arrivals: number[]): HandMade {
    const journal = new HandMade(PAIR);
    const sent = [1, 2].map((octet) => journal.message(0, 'client', 'encoded', UDP, Uint8Array.of(octet)));
    for (const index of arrivals) {
      journal.message(MS, 'server', 'decoded', UDP, Uint8Array.of(index + 1), [sent[index] ?? -1]);
    }
    return journal;
  }

  it.each([
    ['all, when all came', [0, 1], {}, true],
    ['all, when one is missing', [0], {}, false],
    ['as many as asked for', [0], { unit: 'messages', amount: 1 }, true],
    ['more than asked for', [0, 1], { unit: 'bytes', amount: 1 }, false],
    ['a repetition where once was asked for', [0, 1, 1], {}, false],
    ['a repetition where that does not matter', [0, 1, 1], { exactlyOnce: false }, true],
    ['another order', [1, 0], {}, false],
    ['another order where that does not matter', [1, 0], { inOrder: false }, true],
  ] as const)('%s', (_title, arrivals, more, pass) => {
    expect(judge(run(...arrivals), PAIR, delivered(more))?.pass).toBe(pass);
  });

  it('tells what was sent, what came, and when', () => {
    expect(judge(run(1, 1), PAIR, delivered({}))?.sentence).toBe(
      'of 2 bytes in 2 messages that client sent, 1 byte in 1 message reached server, the last at 0.001000 s ' +
        '(expected all of it); 1 came more than once',
    );
  });

  it('is not kept by silence', () => {
    expect(judge(new HandMade(PAIR), PAIR, delivered({}))?.pass).toBe(false);
  });
});

describe('state at a timeline entry', () => {
  const check: Check = {
    kind: 'state',
    path: 'client.tcp.http.state',
    is: { comparison: '==', value: 'CLOSED' },
    at: { id: 'cut' },
  };

  it('is judged when that entry happened', () => {
    const run = new HandMade(PAIR);
    run.state(0, 'client', 'tcp.http', 'LISTEN', 'CLOSED');
    run.journal.append(5, 'wire', { kind: 'input', layer: 7, machine: 'timeline.cut', text: 'set wire: down' });
    run.state(6, 'client', 'tcp.http', 'CLOSED', 'SYN-SENT');
    expect(judge(run, PAIR, check)).toMatchObject({
      pass: true,
      sentence: 'client.tcp.http.state is CLOSED at 0.000000 s (expected CLOSED)',
    });
  });

  it('fails when that entry never happened', () => {
    const run = new HandMade(PAIR);
    run.state(0, 'client', 'tcp.http', 'LISTEN', 'CLOSED');
    expect(judge(run, PAIR, check)).toMatchObject({
      pass: false,
      sentence: 'client.tcp.http.state was to be CLOSED when cut happened, which it never did',
    });
  });
});
