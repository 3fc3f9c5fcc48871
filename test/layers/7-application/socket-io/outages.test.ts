/** Outages of a known length on real layers, and what becomes of events meanwhile. */

import { describe, expect, it } from 'vitest';
import type { AppSpec } from '../../../../src/scenario/scenario.ts';
import type { SocketIoApp } from '../../../../src/scenario/session-spec.ts';
import { TwoHosts } from '../two-hosts.ts';

const SECOND = 1_000_000_000;

const SERVER: SocketIoApp = {
  kind: 'socketio-server',
  name: 'chat',
  port: 3000,
  path: '/socket.io/',
  pingIntervalNs: 25 * SECOND,
  pingTimeoutNs: 20 * SECOND,
  transports: ['polling', 'websocket'],
  recoverForNs: null,
  namespaces: ['/admin'],
  rules: [{ event: 'join', rule: { room: 'red' } }],
};

class Outage {
  readonly hosts: TwoHosts;

  constructor(app: Partial<SocketIoApp> = {}) {
    const spec: AppSpec = { ...SERVER, ...app };
    this.hosts = new TwoHosts({ apps: [spec], link: { delayNs: 25_000_000, bitsPerSecond: null } });
  }

  connect(transports: readonly ('polling' | 'websocket')[] = ['websocket'], namespace = '/', as = 'app'): void {
    const reconnection = { delayNs: SECOND, maxNs: 5 * SECOND, jitterPerMillion: 0, attempts: null };
    const who = {
      kind: 'io-connect',
      node: 'client',
      host: 'server',
      port: 3000,
      path: '/socket.io/',
      namespace,
      as,
    } as const;
    this.hosts.do({ ...who, transports, reconnection, retries: 0, ackTimeoutNs: null });
  }

  /** From the client, or from the server to all. */
  emit(who: 'client' | 'server', event: string, times: number, everySeconds: number, room: string | null = null): void {
    const app = who === 'server' ? 'chat' : null;
    const whom = { on: null, app, namespace: '/', room } as const;
    const content = { kind: 'json', value: '{n}' } as const;
    const how = { ack: false, volatile: false, times, everyNs: everySeconds * SECOND } as const;
    this.hosts.host(who).perform({ kind: 'emit', node: who, ...whom, event, content, ...how });
  }

  at(seconds: number, run: () => void): void {
    this.hosts.kernel.after(seconds * SECOND, run);
  }

  cut(fromSeconds: number, toSeconds: number): void {
    const cable = this.hosts.world.links.get('wire');
    this.at(fromSeconds, () => cable?.change({ down: true }, { down: true }));
    this.at(toSeconds, () => cable?.change({ down: false }, { down: false }));
  }

  told(node: string, pattern: RegExp): [number, string][] {
    return this.hosts.journal.entries.flatMap(({ node: where, event, atNs }) =>
      where === node && event.kind === 'app' && pattern.test(event.text) ? [[atNs / SECOND, event.text]] : [],
    );
  }

  numbers(node: string, event: string): number[] {
    return this.told(node, new RegExp(`^received ${event} `)).map(([, text]) => Number(/\d+/.exec(text)?.[0]));
  }

  recovered(): number | null {
    const found = this.hosts.journal.entries.findLast(
      ({ event }) => event.kind === 'metric' && event.name === 'recovered',
    );
    return found?.event.kind === 'metric' ? found.event.value : null;
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('an outage shorter than the heartbeat allows (SIO-10)', () => {
  it('is no disconnection: TCP brings what was written together when it is over', () => {
    const outage = new Outage();
    outage.connect();
    outage.at(1, () => outage.emit('client', 'say', 12, 5));
    outage.cut(10, 40);
    outage.hosts.run(100 * SECOND);
    expect(outage.told('client', /^disconnected/)).toEqual([]);
    expect(outage.numbers('server', 'say')).toEqual(upTo(12));
    const during = outage.told('server', /^received say/).filter(([at]) => at > 40 && at < 80);
    expect(new Set(during.slice(0, 6).map(([at]) => at)).size).toBe(1);
  });
});

describe('an outage that the heartbeat finds (EIO-10, EIO-11, SIO-07 to SIO-09)', () => {
  it('both ends give up 45 s after the last ping that went well', () => {
    const outage = new Outage();
    outage.connect();
    outage.cut(60, 130);
    outage.hosts.run(200 * SECOND);
    const [[client = 0] = []] = outage.told('client', /^disconnected: ping timeout/);
    const [[server = 0] = []] = outage.told('server', /ping timeout/);
    expect(client).toBeGreaterThan(95);
    expect(client).toBeLessThan(95.4);
    expect(server).toBeCloseTo(client + 0.025, 3);
  });

  it('loses what was written into the dead connection, sends what was emitted after it was found; the server keeps nothing', () => {
    const outage = new Outage();
    outage.connect();
    outage.at(2, () => outage.emit('client', 'say', 50, 5));
    outage.at(3, () => outage.emit('server', 'news', 50, 5));
    outage.cut(60, 130);
    outage.hosts.run(400 * SECOND);
    // 62, 67 … 92 s: seven events between the cut and its discovery.
    expect(outage.numbers('server', 'say')).toEqual(upTo(50).filter((n) => n < 13 || n > 19));
    const news = outage.numbers('client', 'news');
    expect(news).toEqual(upTo(50).filter((n) => n <= 12 || n >= (news[12] as number)));
    expect(news.length).toBeLessThan(37);
  });
});

describe('connection state recovery', () => {
  it('within two minutes: rooms are back, nothing is missing (SIO-23)', () => {
    const outage = new Outage({ recoverForNs: 120 * SECOND });
    outage.connect();
    outage.at(1, () => outage.emit('client', 'join', 1, 0));
    outage.at(2, () => outage.emit('server', 'news', 58, 3));
    outage.at(3, () => outage.emit('server', 'secret', 58, 3, 'red'));
    outage.cut(50, 120);
    outage.hosts.run(300 * SECOND);
    expect(outage.recovered()).toBe(1);
    expect(outage.numbers('client', 'news')).toEqual(upTo(58));
    expect(outage.numbers('client', 'secret')).toEqual(upTo(58));
  });

  it('beyond: it is a new client, and what it missed is gone (SIO-24)', () => {
    const outage = new Outage({ recoverForNs: 120 * SECOND });
    outage.connect();
    outage.at(1, () => outage.emit('client', 'join', 1, 0));
    outage.at(2, () => outage.emit('server', 'news', 140, 3));
    outage.at(3, () => outage.emit('server', 'secret', 140, 3, 'red'));
    outage.cut(50, 300);
    outage.hosts.run(500 * SECOND);
    expect(outage.recovered()).toBe(0);
    const news = outage.numbers('client', 'news');
    expect(news.length).toBeGreaterThan(50);
    expect(news.length).toBeLessThan(80);
    const secrets = outage.numbers('client', 'secret');
    expect(secrets.every((n) => n <= 17)).toBe(true);
  });

  it('without any event before there is no offset to go on from (SIO-25)', () => {
    const outage = new Outage({ recoverForNs: 120 * SECOND });
    outage.connect();
    outage.at(60, () => outage.emit('server', 'news', 10, 3));
    outage.cut(50, 120);
    outage.hosts.run(200 * SECOND);
    expect(outage.recovered()).toBe(0);
    expect(outage.numbers('client', 'news')).toEqual([]);
  });
});

describe('a server that starts again (SIO-26)', () => {
  it('knows no session any more; clients come back with new ones, in every namespace', () => {
    const outage = new Outage();
    outage.connect(['polling'], '/', 'app');
    outage.connect(['polling'], '/admin', 'admin');
    outage.at(10, () => outage.hosts.world.crash('server'));
    outage.at(11, () => outage.hosts.world.restart('server'));
    outage.at(12, () =>
      outage.hosts.do({
        kind: 'emit',
        node: 'client',
        on: 'app',
        app: null,
        namespace: '/',
        room: null,
        event: 'say',
        content: { kind: 'json', value: 'lost' },
        ack: false,
        volatile: false,
        times: 1,
        everyNs: 0,
      }),
    );
    outage.hosts.run(60 * SECOND);
    const answers = outage.hosts.journal.entries.flatMap(({ node, event }) =>
      node === 'client' && event.kind === 'decoded' && event.protocol === 'http'
        ? [Buffer.from(event.bytes).toString()]
        : [],
    );
    expect(answers.some((text) => text.includes('{"code":1,"message":"Session ID unknown"}'))).toBe(true);
    expect(outage.told('client', /^disconnected: transport error/).length).toBe(2);
    expect(outage.told('client', /^connected to \/$/).length).toBe(2);
    expect(outage.told('client', /^connected to \/admin$/).length).toBe(2);
  });
});

describe('lineage', () => {
  it('runs from what was emitted while nobody was connected to its octets, over the reconnection, and to its handler', () => {
    const outage = new Outage();
    outage.connect();
    outage.at(100, () => outage.emit('client', 'say', 1, 0));
    outage.cut(30, 130);
    outage.hosts.run(200 * SECOND);
    const { entries } = outage.hosts.journal;
    const emission = entries.find(({ event }) => event.kind === 'app' && event.text.startsWith('emits say'));
    const carrierOf = (seq: number) =>
      entries.find(({ event }) => event.kind === 'encoded' && event.carries.includes(seq));
    const message = entries.find(
      ({ event, cause }) => event.kind === 'encoded' && event.layer === 7 && cause === emission?.seq,
    );
    const packet = carrierOf(message?.seq ?? -1);
    const frame = carrierOf(packet?.seq ?? -1);
    const segment = carrierOf(frame?.seq ?? -1);
    const shown = [emission, message, packet, frame, segment].map((each) =>
      each && 'protocol' in each.event ? each.event.protocol : each?.event.kind,
    );
    expect(shown).toEqual(['app', 'socket-io', 'engine-io', 'websocket', 'tcp']);
    expect((segment?.atNs ?? 0) - (emission?.atNs ?? 0)).toBeGreaterThan(30 * SECOND);
    const handled = entries.find(
      ({ node, event }) => node === 'server' && event.kind === 'app' && event.text.startsWith('received say'),
    );
    const causes: string[] = [];
    for (let at = handled?.cause ?? null; at !== null; at = entries[at]?.cause ?? null) {
      const { event } = entries[at] as (typeof entries)[number];
      if (event.kind === 'decoded') causes.push(`${event.layer} ${event.protocol}`);
    }
    expect(causes.slice(0, 4)).toEqual(['7 socket-io', '5 engine-io', '5 websocket', '4 tcp']);
  });
});
