import { describe, expect, it } from 'vitest';
import { captureOf, parseVantage, portsOf, type Vantage } from '../../src/projections/capture.ts';
import { crossingsOf } from '../../src/projections/crossings.ts';
import { frameOf, HandMade, PAIR, ROUTED } from './hand-made.ts';

const MS = 1_000_000;

function seen(run: HandMade, topology: typeof PAIR, vantage: Vantage) {
  return captureOf(crossingsOf(run.entries, topology), vantage).map(
    ({ number, atNs, port, direction, bytes, comment }) => ({
      number,
      atNs: atNs / MS,
      at: `${port.node}:${port.interface}`,
      direction,
      text: bytes[0],
      comment,
    }),
  );
}

describe('captureOf', () => {
  it('sees what leaves when it is handed over, and what comes when it is there', () => {
    const run = new HandMade(PAIR);
    const slow = run.queued(0, 'wire', 'client', frameOf(1));
    run.leaves(7 * MS, slow);
    run.arrived(20 * MS, slow);
    run.crossed(21 * MS, 20 * MS, 'wire', 'server', frameOf(2));
    const at = { at: 'client:eth0', comment: null };
    expect(seen(run, PAIR, { node: 'client', interface: null })).toEqual([
      { number: 1, atNs: 0, direction: 'outbound', text: 1, ...at },
      { number: 2, atNs: 41, direction: 'inbound', text: 2, ...at },
    ]);
    expect(seen(run, PAIR, { node: 'server', interface: 'eth0' }).map(({ atNs, text }) => [atNs, text])).toEqual([
      [20, 1],
      [21, 2],
    ]);
  });

  it('holds a lost frame at its sender, with the reason, and not at its receiver', () => {
    const run = new HandMade(PAIR);
    run.lost(0, run.departed(0, 'wire', 'client', frameOf(1)), 'scripted', 'scripted drop, nth 1');
    expect(seen(run, PAIR, { node: 'client', interface: null })).toMatchObject([
      { text: 1, comment: 'lost on wire: scripted drop, nth 1' },
    ]);
    expect(seen(run, PAIR, { node: 'server', interface: null })).toEqual([]);
  });

  it('leaves out at the receiver what came damaged, as an interface does', () => {
    const run = new HandMade(PAIR);
    run.arrived(MS, run.departed(0, 'wire', 'client', frameOf(1)), frameOf(9));
    expect(seen(run, PAIR, { node: 'server', interface: null })).toEqual([]);
    expect(seen(run, PAIR, { node: 'client', interface: null })[0]?.comment).toContain('damaged on wire');
  });

  it('shows a copy to the receiver only', () => {
    const run = new HandMade(PAIR);
    const original = run.departed(0, 'wire', 'client', frameOf(1));
    const copy = run.copied(0, original);
    run.arrived(MS, original);
    run.arrived(2 * MS, copy);
    expect(seen(run, PAIR, { node: 'client', interface: null })).toHaveLength(1);
    expect(seen(run, PAIR, { node: 'server', interface: null }).map(({ comment }) => comment)).toEqual([
      null,
      'a copy that wire made',
    ]);
  });

  it('says what the receiver did with a frame that it would not have', () => {
    const run = new HandMade(PAIR);
    const arrival = run.arrived(MS, run.departed(0, 'wire', 'client', frameOf(1)));
    run.droppedIn(MS, 'server', 4, 'no-listener', 'nobody listens on port 81', arrival);
    expect(seen(run, PAIR, { node: 'server', interface: null })[0]?.comment).toBe(
      'dropped by server, tcp (no-listener): nobody listens on port 81',
    );
  });

  it('narrows to an interface, and widens to all, where every crossing is seen at both ends', () => {
    const run = new HandMade(ROUTED);
    run.crossed(0, MS, 'lan', 'client', frameOf(1));
    run.crossed(MS, MS, 'wan', 'router', frameOf(2));
    expect(seen(run, ROUTED, { node: 'router', interface: 'wan' }).map(({ text }) => text)).toEqual([2]);
    expect(seen(run, ROUTED, { node: 'router', interface: null }).map(({ text }) => text)).toEqual([1, 2]);
    expect(seen(run, ROUTED, 'all').map(({ at, text }) => [at, text])).toEqual([
      ['client:eth0', 1],
      ['router:lan', 1],
      ['router:wan', 2],
      ['server:eth0', 2],
    ]);
  });
});

describe('parseVantage', () => {
  it('reads nodes, interfaces and all', () => {
    expect(parseVantage('all', ROUTED)).toBe('all');
    expect(parseVantage('router', ROUTED)).toEqual({ node: 'router', interface: null });
    expect(parseVantage('router:wan', ROUTED)).toEqual({ node: 'router', interface: 'wan' });
  });

  it('says what there is instead of what there is not', () => {
    expect(parseVantage('rooter', ROUTED)).toEqual({
      problem: 'there is no node "rooter"; the nodes are client, router, server',
    });
    expect(parseVantage('router:eth9', ROUTED)).toEqual({
      problem: 'router has no interface "eth9" on a link; it has lan, wan',
    });
  });

  it('lists the interfaces that a vantage covers', () => {
    expect(portsOf(ROUTED, { node: 'router', interface: null }).map((port) => port.interface)).toEqual(['lan', 'wan']);
    expect(portsOf(ROUTED, 'all')).toHaveLength(4);
  });
});
