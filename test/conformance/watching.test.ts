import { describe, expect, it } from 'vitest';
import { defineScenario, simulate } from '../../src/index.ts';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { script } from './script.ts';

describe('challenge ACKs are throttled (RFC 5961 section 7)', () => {
  it('ten in five seconds, then none, then ten again', () => {
    const tcp = script().accepted();
    for (let each = 0; each < 25; each++) tcp.inject('S 11:11(0)');
    expect(tcp.sent.splice(0)).toHaveLength(10);
    tcp.wait(4999);
    tcp.inject('R 11:11(0)');
    tcp.sendsNothing();
    tcp.wait(1);
    tcp.inject('R 11:11(0)');
    tcp.sends('@5000 . 1:1(0) ack 1');
    expect(tcp.state).toBe('ESTABLISHED');
  });

  it('Linux: one in 500 ms, and as many for empty segments outside the window; data is always answered', () => {
    const tcp = script({ profile: LINUX_PROFILE }).accepted();
    for (let each = 0; each < 5; each++) tcp.inject('. 0:0(0) ack 1');
    tcp.sends('@0 . 1:1(0) ack 1');
    for (let each = 0; each < 3; each++) tcp.inject('. 900001:900011(10) ack 1');
    expect(tcp.sent.splice(0)).toHaveLength(3);
    tcp.wait(500);
    tcp.inject('. 0:0(0) ack 1');
    tcp.sends('@500 . 1:1(0) ack 1');
  });

  it('MUST: an unacceptable segment gets an ACK (RFC 9293 section 3.10.7.4), however often where it has data', () => {
    const tcp = script().accepted();
    for (let each = 0; each < 25; each++) tcp.inject('. 900001:900011(10) ack 1');
    expect(tcp.sent.splice(0)).toHaveLength(25);
    for (let each = 0; each < 25; each++) tcp.inject('. 0:0(0) ack 1');
    expect(tcp.sent).toHaveLength(10);
  });

  it('an old SYN wakes a listener for a connection in TIME-WAIT: they do not answer each other for ever', () => {
    const run = simulate(
      defineScenario({
        packetwalk: 1,
        title: 'an old SYN',
        nodes: { a: {}, b: { apps: { sink: { port: 9 } } } },
        links: [
          { between: ['a', 'b'], 'a-to-b': { 'delay-frame': [{ match: 'tcp.flags.syn == 1', nth: 1, by: '6s' }] } },
        ],
        timeline: [
          { at: '0s', node: 'a', do: { 'tcp-connect': { to: 'b:9', as: 'first' } } },
          // More than a window: what comes later lies outside that of whom the old SYN wakes.
          { at: '4s', node: 'a', do: { 'tcp-send': { on: 'first', size: '100kB' } } },
          { at: '5s', node: 'a', do: { 'tcp-close': 'first' } },
        ],
        until: '300s',
      }),
    );
    const counted = (node: string) =>
      run.entries.filter(({ node: each, event }) => each === node && event.kind === 'dropped' && event.layer === 4)
        .length;
    expect(counted('a')).toBeGreaterThan(1);
    expect(counted('a')).toBeLessThan(200);
    expect(counted('b')).toBeLessThan(200);
  });
});

describe('keep-alive (RFC 9293 section 3.8.4)', () => {
  const HOURS = 3_600_000;

  it('MUST-25: off unless asked for', () => {
    const tcp = script().accepted();
    tcp.wait(24 * HOURS);
    tcp.sendsNothing();
    expect(tcp.state).toBe('ESTABLISHED');
  });

  it('MUST-28, SHLD-12: first after two hours of silence, at SND.NXT - 1 and without data', () => {
    const tcp = script({ profile: { keepAlive: true } }).accepted();
    tcp.wait(2 * HOURS);
    tcp.sends('@7200000 . 0:0(0) ack 1');
  });

  it('an answer starts the two hours again', () => {
    const tcp = script({ profile: { keepAlive: true } }).accepted();
    tcp.wait(2 * HOURS);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1');
    tcp.wait(2 * HOURS - 1);
    tcp.sendsNothing();
    tcp.wait(1);
    tcp.sends('@14400000 . 0:0(0) ack 1');
  });

  it('MUST-29: one lost probe kills nothing; nine without an answer, 75 s apart, do', () => {
    const tcp = script({ profile: { keepAlive: true } }).accepted();
    tcp.wait(2 * HOURS);
    tcp.wait(8 * 75_000);
    expect(tcp.sent.map(({ atMs }) => (atMs - 2 * HOURS) / 75_000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.sent.length = 0;
    tcp.wait(75_000);
    tcp.sends('@7875000 R. 1:1(0) ack 1');
    expect(tcp.heard.at(-1)).toBe('close timed-out');
  });

  it('nobody asks while octets are on their way: their own timer watches over the peer', () => {
    const tcp = script({ profile: { keepAlive: true, giveUpAfterNs: Number.POSITIVE_INFINITY } }).accepted();
    tcp.write(10);
    tcp.wait(3 * HOURS);
    expect([...new Set(tcp.sent.map(({ text }) => text))]).toEqual(['P. 1:11(10) ack 1']);
    tcp.inject('. 1:1(0) ack 11');
    tcp.sent.length = 0;
    tcp.wait(2 * HOURS);
    tcp.sends('@18000000 . 10:10(0) ack 1');
  });

  it('per connection (MUST-26)', () => {
    const tcp = script();
    tcp.connected({ options: { keepAlive: true } });
    tcp.wait(2 * HOURS);
    tcp.sends('@7200000 . 0:0(0) ack 1');
  });

  it('a connection that is over is left alone', () => {
    const tcp = script({ profile: { keepAlive: true } }).accepted();
    tcp.stream?.end();
    tcp.inject('F. 1:1(0) ack 2');
    tcp.sent.length = 0;
    tcp.wait(5 * HOURS);
    tcp.sendsNothing();
  });
});

describe('user timeout (RFC 9293 section 3.10.8, RFC 5482)', () => {
  const limited = () => script().connected({ options: { userTimeoutNs: 5_000_000_000 } });

  it('octets unacknowledged for exactly so long: the connection is given up and the user told', () => {
    const tcp = limited();
    tcp.write(100);
    tcp.wait(4999);
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.wait(1);
    expect(tcp.state).toBe('CLOSED');
    expect(tcp.heard.at(-1)).toBe('close timed-out');
  });

  it('what is acknowledged in time starts it again, and it does not run when nothing is outstanding', () => {
    const tcp = limited();
    tcp.write(2000);
    tcp.wait(3000);
    tcp.inject('. 1:1(0) ack 1461');
    tcp.wait(3000);
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.inject('. 1:1(0) ack 2001');
    tcp.wait(60_000);
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.write(100);
    tcp.wait(5000);
    expect(tcp.state).toBe('CLOSED');
  });

  it('a SYN that nobody answers', () => {
    const tcp = script();
    tcp.connect({ userTimeoutNs: 5_000_000_000 });
    tcp.wait(5000);
    expect(tcp.heard).toEqual(['close timed-out']);
  });
});

describe('path MTU (RFC 1191, RFC 9293 section 3.7.2)', () => {
  const sending = (profile = {}, also = '') => {
    const tcp = script({ profile }).connected({ rttMs: 100, also });
    tcp.write(5840);
    tcp.sent.length = 0;
    return tcp;
  };
  const tooBig = { kind: 'too-big', code: 4, sequence: 1 } as const;

  it('6.4: what is in flight goes again at once, in segments that fit', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 1200 });
    tcp.sends(
      '@100 . 1:1161(1160) ack 1',
      '@100 . 1161:2321(1160) ack 1',
      '@100 . 2321:3481(1160) ack 1',
      '@100 . 3481:4641(1160) ack 1',
      '@100 . 4641:5801(1160) ack 1',
      '@100 P. 5801:5841(40) ack 1',
    );
  });

  it('6.4 with SACK: the segments are cut', () => {
    const tcp = sending({ sack: true }, ',sackOK');
    tcp.icmp({ ...tooBig, mtuBytes: 1200 });
    expect(tcp.sent.map(({ payload }) => payload.length)).toEqual([1160, 300, 1160, 300, 1160, 300, 1160, 300]);
    expect(tcp.sent.map(({ atMs }) => atMs)).toEqual(Array(8).fill(100));
  });

  it('6.4: that is no congestion: cwnd keeps its ten segments, ssthresh is not touched', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 1200 });
    const { congestion } = tcp.connection.sender;
    expect([congestion.cwndBytes, congestion.ssthreshBytes]).toEqual([11_600, Number.MAX_SAFE_INTEGER]);
  });

  it('section 3: never below 68 octets; Linux not below 552', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 20 });
    expect(tcp.connection.segmentBytes).toBe(28);
    const linux = sending({ leastPathMtuBytes: 552 });
    linux.icmp({ ...tooBig, mtuBytes: 20 });
    expect(linux.connection.segmentBytes).toBe(512);
  });

  it('6.3: after ten minutes a larger one is tried again', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 1200 });
    tcp.inject('. 1:1(0) ack 5841');
    tcp.wait(599_999);
    expect(tcp.connection.segmentBytes).toBe(1160);
    tcp.wait(1);
    expect(tcp.connection.segmentBytes).toBe(1460);
  });

  it('7.1: a router that does not say how much: the next plateau, 1492', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 0 });
    expect(tcp.connection.segmentBytes).toBe(1452);
  });

  it('an MTU that is no less changes nothing', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 1500 });
    tcp.icmp({ ...tooBig, mtuBytes: 9000 });
    tcp.sendsNothing();
    expect(tcp.connection.segmentBytes).toBe(1460);
  });

  it('RFC 5927 section 4.1: an error about octets that are not in flight is ignored', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, sequence: 900_000, mtuBytes: 576 });
    tcp.sendsNothing();
    expect(tcp.connection.segmentBytes).toBe(1460);
  });

  it('an error about a SYN makes segments short, and sends nothing', () => {
    const tcp = script();
    tcp.connect();
    tcp.sent.length = 0;
    tcp.icmp({ ...tooBig, sequence: 0, mtuBytes: 1200 });
    tcp.sendsNothing();
    tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.sent.length = 0;
    tcp.write(1300);
    tcp.sends('. 1:1161(1160) ack 1');
  });

  it('an error that quotes less than ports and number is about nobody (RFC 792: 64 bits of data)', () => {
    const tcp = sending();
    tcp.icmp({ ...tooBig, mtuBytes: 1200, quoted: new Uint8Array(7) });
    tcp.sendsNothing();
    expect(tcp.connection.segmentBytes).toBe(1460);
  });

  it('a black hole: without ICMP a long segment goes again at the same size for ever', () => {
    const tcp = sending();
    tcp.wait(40_000);
    expect([...new Set(tcp.sent.map(({ payload }) => payload.length))]).toEqual([1460]);
  });

  it('RFC 4821: with detection the third timeout in a row brings segments that every path takes', () => {
    const tcp = sending({ blackHoleTimeouts: 3 });
    tcp.wait(8000);
    tcp.sends('@1100 . 1:1461(1460) ack 1', '@3100 . 1:1461(1460) ack 1', '@7100 . 1:537(536) ack 1');
  });

  it('RFC 4821: what every path takes is made no shorter', () => {
    const tcp = script({ profile: { blackHoleTimeouts: 3 }, mtuBytes: 576 }).connected({ rttMs: 100 });
    tcp.write(5840);
    tcp.sent.length = 0;
    tcp.wait(20_000);
    expect([...new Set(tcp.sent.map(({ text }) => text))]).toEqual(['. 1:537(536) ack 1']);
  });
});
