import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineScenario, type ScenarioInput, simulate } from '../../src/index.ts';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { completeFrame, FCS_BYTES, LEAST_PAYLOAD_BYTES } from '../../src/layers/2-link/ethernet/header.ts';
import { drop } from '../../src/layers/drop.ts';
import { opened, Pdu, sealed } from '../../src/layers/pdu.ts';

const NETWORK_HEADER = 20;
/** What a link measures of a frame, and what may lie inside a packet. */
const MEASURES = [0, 5, 2 ** 40, 0.5];
const CARRIES = [[], [0], [2, 1, 0], [7]];
const FRAME_HEADER = 14;

interface Told {
  readonly bytes: Uint8Array;
  readonly carries: readonly number[];
  readonly cause: number | null;
}

/** Packets on their way, and beside each entry of the journal what it must say for ever. */
class Way {
  readonly journal = new Journal(true);
  readonly context = new Context(new Kernel('1', this.journal), 'node');
  readonly told: { readonly bytes: Uint8Array; readonly carries: readonly number[]; readonly cause: number | null }[] =
    [];
  #next = 1;
  #frames = 0;

  constructor() {
    this.journal.completeBy(completeFrame);
  }

  /** As a host makes it. */
  made(payload: number): Pdu {
    const pdu = Pdu.withRoom(payload);
    pdu.carries = CARRIES[this.told.length % CARRIES.length] as number[];
    if (payload % 2 === 0) this.journal.cause = null;
    this.#scribble(pdu, pdu.start, pdu.end);
    this.#seal(pdu, NETWORK_HEADER, 3);
    return this.framed(pdu);
  }

  framed(pdu: Pdu): Pdu {
    const padding = LEAST_PAYLOAD_BYTES - pdu.length;
    if (padding > 0) {
      pdu.bytes.fill(0, pdu.end, pdu.end + padding);
      pdu.end += padding;
    }
    pdu.end += FCS_BYTES;
    pdu.fcsEnd = pdu.end;
    this.#seal(pdu, FRAME_HEADER, 2);
    this.#frame('departed', pdu);
    return pdu;
  }

  /** Up to where a router has read the packet: what was behind it is cut off. */
  received(pdu: Pdu, cut: number): Pdu {
    this.#frame('arrived', pdu);
    this.#tell(pdu);
    opened(this.context, pdu, 2, 'ethernet', 'eth0');
    pdu.end -= FCS_BYTES;
    pdu.open(FRAME_HEADER);
    pdu.trim(Math.max(NETWORK_HEADER, pdu.length - cut));
    this.#tell(pdu);
    opened(this.context, pdu, 3, 'ipv4', 'eth0');
    return pdu;
  }

  routed(pdu: Pdu): Pdu {
    pdu.ownHeader(this.journal, NETWORK_HEADER);
    this.#scribble(pdu, pdu.start, pdu.start + NETWORK_HEADER);
    this.#tell(pdu);
    sealed(this.context, pdu, 3, 'ipv4', 'eth1');
    return this.framed(pdu);
  }

  dropped(pdu: Pdu): void {
    this.#tell(pdu);
    drop(this.context, pdu, 1, 'cable', 'eth0', 'lost', 'lost');
  }

  read(at: number): void {
    const seq = at % this.told.length;
    const { cause, event } = this.journal.at(seq);
    if (!('bytes' in event)) throw new Error(event.kind);
    const told = this.told[seq] as Told;
    expect([event.carries, cause], `entry ${seq}`).toEqual([told.carries, told.cause]);
    if (Buffer.compare(event.bytes, told.bytes) !== 0) expect(event.bytes, `entry ${seq}`).toEqual(told.bytes);
    if ('measure' in event) expect(event.measure).toBe(MEASURES[event.frame % MEASURES.length]);
  }

  #seal(pdu: Pdu, header: number, layer: 2 | 3): void {
    const at = pdu.seal(header);
    this.#scribble(pdu, at, at + header);
    this.#tell(pdu);
    sealed(this.context, pdu, layer, layer === 2 ? 'ethernet' : 'ipv4', 'eth0');
  }

  #frame(kind: 'departed' | 'arrived', pdu: Pdu): void {
    this.#tell(pdu);
    const measure = MEASURES[++this.#frames % MEASURES.length] as number;
    this.journal.appendFrame(kind, 0, 'node', 'link', 'eth0', this.#frames, pdu, measure);
  }

  #scribble({ bytes }: Pdu, from: number, to: number): void {
    for (let at = from; at < to; at++) bytes[at] = this.#next++;
  }

  #tell(pdu: Pdu): void {
    const bytes = pdu.view().slice();
    if (pdu.end === pdu.fcsEnd) completeFrame(bytes);
    this.told.push({ bytes, carries: pdu.carries, cause: this.journal.cause });
  }
}

const deed = fc.record({
  what: fc.constantFrom('make', 'pass', 'pass', 'pass', 'drop', 'fork', 'complete', 'read', 'own'),
  which: fc.nat(),
  /** Mostly nothing lies behind the packet. */
  cut: fc.constantFrom(0, 0, 0, 3, 26),
});

describe('a packet', () => {
  it('is in the journal what it was, through routers that change it, whoever looks at it when', () => {
    const payloads = fc.array(fc.constantFrom(0, 1, 25, 26, 27, 60, 300, 300, 70_000), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(payloads, fc.array(deed, { maxLength: 40 }), (sizes, deeds) => {
        const way = new Way();
        const onTheWay = sizes.map((size) => way.made(size));
        for (const { what, which, cut } of deeds) {
          const at = which % onTheWay.length;
          const pdu = onTheWay[at] as Pdu;
          if (what === 'make') onTheWay.push(way.made(which % 100));
          if (what === 'pass') onTheWay[at] = way.routed(way.received(pdu, cut));
          if (what === 'fork') onTheWay.push(pdu.fork());
          if (what === 'complete') pdu.complete();
          if (what === 'own') pdu.own();
          if (what === 'read') way.read(which);
          if (what === 'drop') {
            way.dropped(pdu);
            onTheWay[at] = way.made(which % 100);
          }
        }
        for (let seq = 0; seq < way.told.length; seq++) way.read(seq);
        for (let seq = way.told.length - 1; seq >= 0; seq--) way.read(seq * 7);
      }),
      { numRuns: 500 },
    );
  });

  it('lies where it lay, behind a router', () => {
    const way = new Way();
    const pdu = way.made(1000);
    const { bytes, floor } = pdu;
    for (let hop = 0; hop < 5; hop++) way.routed(way.received(pdu, 0));
    expect(pdu.bytes).toBe(bytes);
    expect(pdu.floor).toBe(floor);
  });

  it('is copied where somebody has seen it, and whoever has goes on seeing that', () => {
    const way = new Way();
    const pdu = way.made(1000);
    const { event } = way.journal.at(0);
    if (event.kind !== 'encoded') throw new Error(event.kind);
    const seen = event.bytes.slice();
    const { floor } = pdu;
    way.routed(way.received(pdu, 0));
    expect(pdu.floor).not.toBe(floor);
    expect(event.bytes).toEqual(seen);
  });

  it('takes little more memory with a journal the farther it goes', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    // The octets of dead arrays are given back beside the program, and are surely when the next collection begins.
    const collect = () => {
      gc();
      gc();
    };
    const octetsOf = (routers: number) => {
      collect();
      const before = process.memoryUsage().arrayBuffers;
      const run = simulate(chain(routers));
      collect();
      const octets = process.memoryUsage().arrayBuffers - before;
      return { octets, entries: run.journal.length };
    };
    octetsOf(1);
    const [near, far] = [octetsOf(1), octetsOf(9)];
    const eachEntry = (far.octets - near.octets) / (far.entries - near.entries);
    expect(far.entries - near.entries).toBeGreaterThan(50_000);
    // With a copy at each hop it is more than 100: 1,500 octets in eight entries, and an ACK for two of them.
    expect(eachEntry).toBeLessThan(40);
  });
});

/** An upload of 2 MB over so many routers. */
function chain(routers: number) {
  const names = Array.from({ length: routers }, (_, at) => `r${at}`);
  const all = ['client', ...names, 'server'];
  const address = (at: number, side: number) => `10.${at}.0.${side}/24`;
  const router = (at: number) => ({
    kind: 'router',
    interfaces: { left: address(at, 2), right: address(at + 1, 1) },
    routes: [
      ...(at > 0 ? [{ to: '10.0.0.0/24', via: `10.${at}.0.1` }] : []),
      ...(at < routers - 1 ? [{ to: `10.${routers}.0.0/24`, via: `10.${at + 1}.0.2` }] : []),
    ],
  });
  const input = {
    packetwalk: 1,
    title: 'chain',
    until: '60s',
    nodes: {
      client: { ip: address(0, 1), gateway: '10.0.0.2' },
      server: { ip: address(routers, 2), gateway: `10.${routers}.0.1`, apps: { sink: { port: 9 } } },
      ...Object.fromEntries(names.map((each, at) => [each, router(at)])),
    },
    links: all.slice(1).map((to, at) => {
      const from = all[at] as string;
      return { between: [at === 0 ? from : `${from}:right`, at === routers ? to : `${to}:left`], delay: '1ms' };
    }),
    timeline: [
      { at: '0s', node: 'client', do: { 'tcp-connect': { to: 'server:9', as: 'upload' } } },
      { at: '0s', node: 'client', do: { 'tcp-send': { on: 'upload', size: '2MB' } } },
    ],
  };
  return defineScenario(input as unknown as ScenarioInput);
}
