import { describe, expect, it } from 'vitest';
import { initialWindow } from '../../src/layers/4-transport/tcp/congestion.ts';
import { RoundTrip } from '../../src/layers/4-transport/tcp/rto.ts';
import { type Script, script } from './script.ts';

const MS = 1_000_000;
/** No floor, so that the numbers of RFC 6298 show. */
const FINE = { minRtoNs: 1, delayedAck: true };

describe('retransmission timeout (RFC 6298)', () => {
  it('before any sample 1 s; first sample 100 ms => 300 ms; then 200 ms => SRTT 112.5, RTTVAR 62.5, RTO 362.5', () => {
    const trip = new RoundTrip(1000 * MS, 1, 60_000 * MS);
    expect(trip.rtoNs).toBe(1000 * MS);
    trip.sample(100 * MS);
    expect([trip.srttNs, trip.rttvarNs, trip.rtoNs]).toEqual([100 * MS, 50 * MS, 300 * MS]);
    trip.sample(200 * MS);
    expect([trip.srttNs, trip.rttvarNs, trip.rtoNs]).toEqual([112.5 * MS, 62.5 * MS, 362.5 * MS]);
  });

  it('floor and cap', () => {
    const trip = new RoundTrip(1000 * MS, 1000 * MS, 60_000 * MS);
    trip.sample(100 * MS);
    expect(trip.rtoNs).toBe(1000 * MS);
    for (let doubling = 0; doubling < 20; doubling++) trip.backOff();
    expect(trip.rtoNs).toBe(60_000 * MS);
    trip.sample(100 * MS);
    expect(trip.rtoNs).toBe(1000 * MS);
  });

  it('data never acknowledged: 0, 1, 3, 7, 15, 31, 63 s, given up when 100 s have passed (R2)', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.write(100);
    tcp.wait(200_000);
    tcp.sends(...[0, 1, 3, 7, 15, 31, 63].map((second) => `@${100 + second * 1000} P. 1:101(100) ack 1`));
    expect(tcp.heard.at(-1)).toBe('close timed-out');
  });

  it('expiry: the earliest segment only (5.4), cwnd one segment, ssthresh half the flight', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.write(14_600);
    tcp.sent.length = 0;
    tcp.wait(1000);
    tcp.sends('@1100 . 1:1461(1460) ack 1');
    const { congestion } = tcp.connection.sender;
    expect([congestion.cwndBytes, congestion.ssthreshBytes]).toEqual([1460, 7300]);
    tcp.wait(2000);
    expect(congestion.ssthreshBytes).toBe(7300);
  });

  it('restarted by an ACK of new data (5.3), off when all is acknowledged (5.2)', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.write(2920);
    tcp.wait(500);
    tcp.inject('. 1:1(0) ack 1461');
    tcp.sent.length = 0;
    tcp.wait(999);
    tcp.sendsNothing();
    tcp.inject('. 1:1(0) ack 2921');
    tcp.wait(10_000);
    tcp.sendsNothing();
  });

  it('after a timeout ACKs up to SND.MAX stay acceptable', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.write(14_600);
    tcp.wait(1000);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 14601');
    tcp.sendsNothing();
    expect([tcp.connection.unacknowledgedBytes, tcp.connection.sender.sndNxt]).toEqual([
      0,
      tcp.connection.sender.sndMax,
    ]);
  });

  it('Karn (section 3): no sample from a segment that was sent again', () => {
    const tcp = script({ profile: FINE }).connected({ rttMs: 100 });
    const { roundTrip } = tcp.connection.sender;
    const before = roundTrip.srttNs;
    tcp.write(100);
    tcp.wait(400);
    tcp.inject('. 1:1(0) ack 101');
    expect(roundTrip.srttNs).toBe(before);
    const backedOffNs = roundTrip.rtoNs;
    tcp.write(100);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 201');
    expect(roundTrip.rtoNs).toBeLessThan(backedOffNs);
  });

  it('the backed-off RTO holds until a new sample', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.write(100);
    tcp.wait(1000);
    tcp.inject('. 1:1(0) ack 101');
    tcp.sent.length = 0;
    tcp.write(100);
    const start = tcp.nowMs;
    tcp.wait(2500);
    tcp.sends(`@${start} P. 101:201(100) ack 1`, `@${start + 2000} P. 101:201(100) ack 1`);
  });
});

describe('congestion control (RFC 5681, 6582, 6928, 3042)', () => {
  /** Ten segments of 1000 octets in flight. */
  const ten = (profile = {}): Script => {
    const tcp = script({ profile }).connected({ mss: 1000, rttMs: 100 });
    tcp.write(30_000);
    tcp.sent.length = 0;
    return tcp;
  };
  const duplicates = (tcp: Script, count: number) => {
    for (let each = 0; each < count; each++) tcp.inject('. 1:1(0) ack 1');
  };

  it('initial window: 1460 => 14600, 536 => 5360, 8960 => 17920', () => {
    expect([initialWindow(1460, 10), initialWindow(536, 10), initialWindow(8960, 10)]).toEqual([14_600, 5360, 17_920]);
  });

  it('the handshake does not grow cwnd', () => {
    expect(script().connected().connection.sender.congestion.cwndBytes).toBe(14_600);
  });

  it('slow start: ACK of every segment 10 -> 20, of every second 10 -> 15', () => {
    const every = ten();
    for (let segment = 1; segment <= 10; segment++) every.inject(`. 1:1(0) ack ${1 + segment * 1000}`);
    expect(every.connection.sender.congestion.cwndBytes).toBe(20_000);
    const second = ten();
    for (let segment = 2; segment <= 10; segment += 2) second.inject(`. 1:1(0) ack ${1 + segment * 1000}`);
    expect(second.connection.sender.congestion.cwndBytes).toBe(15_000);
  });

  it('slow start ends at ssthresh, however much one ACK covers (RFC 5681 3.1; linux)', () => {
    const tcp = script({ profile: { slowStartSegments: Number.POSITIVE_INFINITY } }).connected({
      mss: 1000,
      rttMs: 100,
    });
    tcp.write(30_000);
    tcp.wait(1000);
    const { congestion } = tcp.connection.sender;
    expect([congestion.cwndBytes, congestion.ssthreshBytes]).toEqual([1000, 5000]);
    tcp.inject('. 1:1(0) ack 10001');
    expect(congestion.cwndBytes).toBe(5000);
  });

  it('ACK division: ten ACKs of 100 octets grow cwnd no more than one of 1000', () => {
    const tcp = ten();
    for (let part = 1; part <= 10; part++) tcp.inject(`. 1:1(0) ack ${1 + part * 100}`);
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(11_000);
  });

  it('cwnd does not grow when it is not in use (RFC 7661): 4 of 10 segments sent', () => {
    const tcp = script().connected({ mss: 1000, rttMs: 100 });
    tcp.write(4000);
    for (let segment = 1; segment <= 4; segment++) tcp.inject(`. 1:1(0) ack ${1 + segment * 1000}`);
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(10_000);
  });

  it('congestion avoidance: one segment a window', () => {
    const tcp = ten();
    tcp.connection.sender.congestion.ssthreshBytes = 10_000;
    for (let segment = 1; segment <= 10; segment++) tcp.inject(`. 1:1(0) ack ${1 + segment * 1000}`);
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(11_000);
  });

  it('two duplicate ACKs retransmit nothing; each lets one new segment go (limited transmit)', () => {
    const tcp = ten();
    duplicates(tcp, 1);
    tcp.sends('. 10001:11001(1000) ack 1');
    duplicates(tcp, 1);
    tcp.sends('. 11001:12001(1000) ack 1');
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(10_000);
  });

  it('the third: SND.UNA again at once, ssthresh 5000, cwnd 8000; each more + 1000', () => {
    const tcp = ten();
    duplicates(tcp, 2);
    tcp.sent.length = 0;
    duplicates(tcp, 1);
    tcp.sends('. 1:1001(1000) ack 1');
    const { congestion } = tcp.connection.sender;
    expect([congestion.ssthreshBytes, congestion.cwndBytes, congestion.inRecovery]).toEqual([5000, 8000, true]);
    duplicates(tcp, 1);
    expect(congestion.cwndBytes).toBe(9000);
  });

  it('an ACK with data, or with another window, is no duplicate (RFC 5681 section 2)', () => {
    const tcp = ten();
    tcp.inject('P. 1:11(10) ack 1');
    tcp.inject('. 11:11(0) ack 1 win 60000');
    tcp.inject('. 11:11(0) ack 1 win 59000');
    expect(tcp.connection.sender.congestion.duplicateAcks).toBe(0);
  });

  it('NewReno: a partial ACK brings the next hole at once, a full one ends the recovery', () => {
    const tcp = ten();
    duplicates(tcp, 5);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 3001');
    expect(tcp.sent[0]?.text).toBe('. 3001:4001(1000) ack 1');
    const { congestion } = tcp.connection.sender;
    expect(congestion.inRecovery).toBe(true);
    tcp.inject('. 1:1(0) ack 12001');
    expect([congestion.inRecovery, congestion.cwndBytes]).toEqual([false, 2000]);
  });

  it('Reno without partial ACKs leaves the recovery with the first new ACK', () => {
    const tcp = ten({ congestion: 'reno' });
    duplicates(tcp, 4);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 3001');
    const { congestion } = tcp.connection.sender;
    expect([congestion.inRecovery, congestion.cwndBytes]).toEqual([false, 5000]);
    expect(tcp.sent.map(({ text }) => text)).not.toContain('. 3001:4001(1000) ack 1');
  });

  it('no second fast retransmit for the same window after a timeout (RFC 6582 3.2 step 4)', () => {
    const tcp = ten();
    tcp.wait(1000);
    tcp.sent.length = 0;
    duplicates(tcp, 6);
    expect(tcp.sent.map(({ text }) => text)).not.toContain('. 1:1001(1000) ack 1');
  });

  it('idle for longer than the RTO: back to the initial window (RFC 5681 4.1)', () => {
    const tcp = ten();
    for (let segment = 1; segment <= 30; segment++) tcp.inject(`. 1:1(0) ack ${1 + segment * 1000}`);
    expect(tcp.connection.sender.congestion.cwndBytes).toBeGreaterThan(20_000);
    tcp.wait(3000);
    tcp.write(10);
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(10_000);
  });
});
