import { describe, expect, it } from 'vitest';
import { foldLadder, ladderRows } from '../../src/projections/ladder.ts';
import { columnOrder } from '../../src/projections/ladder-columns.ts';
import { drawLadder } from '../../src/projections/ladder-text.ts';
import { painter, plain } from '../../src/projections/paint.ts';
import { cellsOf } from '../../src/projections/printable.ts';
import type { Topology } from '../../src/projections/topology.ts';
import { frameOf, HandMade, PAIR, SWITCHED, script } from './hand-made.ts';

const MS = 1_000_000;
const TEXTS = script([
  ['ARP', 'Who has 10.0.0.2? Tell 10.0.0.1', 2],
  ['TCP', '49152 → 80 [SYN] Seq=0', 4],
  ['HTTP', 'GET / HTTP/1.1 ', 7],
  ['TCP', `[TCP Retransmission] ${'very '.repeat(30)}long`, 4],
  ['TCP', 'evil \x1b]0;owned\x07 東京', 4],
]);

function handshake(): HandMade {
  const run = new HandMade(PAIR);
  run.told(0, 'client', 'input', 'get http://server/');
  run.crossed(0, 20 * MS, 'wire', 'client', frameOf(0));
  run.state(40 * MS, 'client', 'tcp.http', 'CLOSED', 'SYN-SENT');
  run.lost(40 * MS, run.departed(40 * MS, 'wire', 'client', frameOf(1)));
  run.crossed(1040 * MS, 20 * MS, 'wire', 'server', frameOf(1));
  run.state(1060 * MS, 'server', 'tcp.http', 'LISTEN', 'ESTABLISHED');
  run.departed(1070 * MS, 'wire', 'client', frameOf(2));
  return run;
}

function draw(run: HandMade, topology: Topology, width: number, ascii = false, paint = plain): string[] {
  const captions = new Map([['client', '10.0.0.1']]);
  return drawLadder(foldLadder(ladderRows(run.entries, topology, TEXTS)), topology, { width, ascii, paint, captions });
}

describe('drawLadder with two nodes', () => {
  it('writes the words into the arrows, the time sent on the left, the time of arrival on the right', () => {
    expect(draw(handshake(), PAIR, 76)).toEqual([
      '         client                                                server',
      '        10.0.0.1',
      ' 0.000000   │ ▷ get http://server/                                │',
      ' 0.000000   ├── ARP  Who has 10.0.0.2? Tell 10.0.0.1 ────────────▶│ 0.020000',
      ' 0.040000   │ ◇ tcp.http CLOSED → SYN-SENT                        │',
      ' 0.040000   ├╌╌ TCP  49152 → 80 [SYN] Seq=0 ╌╌╌╌╌╌╌╌╌╌╌╌✗ loss 5% │',
      ' 1.040000   │◀───────────────────── TCP  49152 → 80 [SYN] Seq=0 ──┤ 1.060000',
      ' 1.060000   │                     tcp.http LISTEN → ESTABLISHED ◇ │',
      ' 1.070000   ├── HTTP  GET / HTTP/1.1 ──────────● still on its way │',
    ]);
  });

  it('says the same in ASCII', () => {
    const lines = draw(handshake(), PAIR, 76, true);
    expect(lines.join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
    expect(lines[5]).toBe(' 0.040000   +.. TCP  49152 -> 80 [SYN] Seq=0 ...........X loss 5% |');
  });

  it('has the same words with and without colours', () => {
    const colourful = draw(handshake(), PAIR, 90, false, painter('true'));
    expect(colourful.join('\n')).toContain('\x1b[38;2;86;180;233m');
    // biome-ignore lint/complexity/useRegexLiterals: an escape in a literal would be a control character.
    expect(colourful.map((line) => line.replace(new RegExp('\x1b\\[[0-9;]*m', 'g'), ''))).toEqual(
      draw(handshake(), PAIR, 90),
    );
  });

  it('puts words that do not fit above their arrow rather than cut them', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, MS, 'wire', 'client', frameOf(3));
    const lines = draw(run, PAIR, 80).slice(2);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines[0]).toContain('[TCP Retransmission] very very');
    expect(lines.join(' ').match(/very/g)).toHaveLength(30);
    expect(lines.at(-1)).toMatch(/^ +├── very.* long ─+▶│ 0\.001000$/);
  });
});

it('puts what the analysis found above the arrow, where that makes the rest fit', () => {
  const run = new HandMade(PAIR);
  run.crossed(0, MS, 'wire', 'server', frameOf(0));
  const texts = script([['TCP', '[TCP Dup ACK 1#1] [TCP Window Full] 1 → 2 [ACK] Seq=1 Ack=1 Win=65535 Len=0', 4]]);
  const lines = drawLadder(ladderRows(run.entries, PAIR, texts), PAIR, { width: 90, ascii: false, paint: plain });
  expect(lines.slice(1)).toEqual([
    ' 0.000000   │                              [TCP Dup ACK 1#1] [TCP Window Full]  │',
    '            │◀────────────────── TCP  1 → 2 [ACK] Seq=1 Ack=1 Win=65535 Len=0 ──┤ 0.001000',
  ]);
});

describe('drawLadder with more nodes', () => {
  it('draws an arrow from neighbour to neighbour and the words beside', () => {
    const run = new HandMade(SWITCHED);
    const made = run.made(0, 'client', frameOf(0));
    run.crossed(0, MS, 'left', 'client', frameOf(0), [made]);
    run.crossed(MS, MS, 'right', 'sw', frameOf(0), [made]);
    run.lost(3 * MS, run.departed(3 * MS, 'right', 'server', frameOf(1)));
    run.state(4 * MS, 'server', 'tcp.http', 'CLOSED', 'LISTEN');
    expect(draw(run, SWITCHED, 90)).toEqual([
      '          client      sw      server',
      '         10.0.0.1',
      ' 0.000000    ├────────▶│         │  ARP   Who has 10.0.0.2? Tell 10.0.0.1',
      ' 0.001000    │         ├────────▶│  ARP   Who has 10.0.0.2? Tell 10.0.0.1',
      ' 0.003000    │         │   ✗╌╌╌╌╌┤  TCP   49152 → 80 [SYN] Seq=0  ✗ loss 5%',
      ' 0.004000    │         │         ◇  tcp.http CLOSED → LISTEN',
    ]);
  });

  it('orders the columns so that arrows join neighbours', () => {
    expect(columnOrder(SWITCHED)).toEqual(['client', 'sw', 'server']);
    expect(columnOrder(PAIR)).toEqual(['client', 'server']);
  });

  it('keeps the order of the file where it does not matter, and leaves out who has no link', () => {
    const port = (node: string) => ({ node, interface: 'eth0' });
    const star: Topology = {
      nodes: ['a', 'b', 'c', 'sw', 'alone'].map((name) => ({ name, kind: name === 'sw' ? 'switch' : 'host' })),
      links: ['a', 'b', 'c'].map((name) => ({ id: name, a: port(name), b: port('sw') })),
    };
    const order = columnOrder(star);
    expect(order).toHaveLength(4);
    expect(order[0]).toBe('a');
    expect(order.indexOf('sw')).toBeGreaterThan(0);
    expect(order.indexOf('sw')).toBeLessThan(3);
  });

  it('lists from where to where when there are too many nodes for columns', () => {
    const names = Array.from({ length: 14 }, (_, index) => `node${index}`);
    const chain: Topology = {
      nodes: names.map((name) => ({ name, kind: 'host' })),
      links: names.slice(1).map((name, index) => ({
        id: `l${index}`,
        a: { node: names[index] ?? '', interface: 'eth1' },
        b: { node: name, interface: 'eth0' },
      })),
    };
    const run = new HandMade(chain);
    run.crossed(0, MS, 'l3', 'node3', frameOf(0));
    run.lost(MS, run.departed(MS, 'l4', 'node4', frameOf(1)));
    expect(draw(run, chain, 100)).toEqual([
      ' 0.000000  node3 ─▶ node4  ARP  Who has 10.0.0.2? Tell 10.0.0.1',
      ' 0.001000  node4 ╌✗ node5  TCP  49152 → 80 [SYN] Seq=0  ✗ loss 5%',
    ]);
  });
});

describe('drawLadder with hostile text', () => {
  it.each([40, 57, 80, 100, 133, 240])('fits %i cells and lets no control character through', (width) => {
    for (const topology of [PAIR, SWITCHED]) {
      const run = new HandMade(topology);
      const link = topology.links[0]?.id ?? '';
      for (let text = 0; text < 5; text++) run.crossed(text * MS, MS, link, 'client', frameOf(text));
      run.told(9 * MS, 'client', 'app', 'a\nb\u202e\u200b'.repeat(40));
      run.lost(9 * MS, run.departed(9 * MS, link, 'client', frameOf(4)), 'scripted', 'why\x1b[2J '.repeat(20));
      const lines = draw(run, topology, width);
      for (const line of lines) {
        expect(cellsOf(line), line).toBeLessThanOrEqual(width);
        expect(line).toMatch(/^[^\p{Cc}\u202e\u200b]*$/u);
      }
      expect(lines.join('\n')).toContain('<U+00');
    }
  });
});
