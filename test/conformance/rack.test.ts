import { describe, expect, it } from 'vitest';
import { type Script, script } from './script.ts';

const RACK = { sack: true, rack: true, minRtoNs: 200_000_000 };

/** Ten segments of 1000 octets in flight at 100 ms; round trip 100 ms. */
function ten(profile = {}, octets = 10_000): Script {
  const tcp = script({ profile: { ...RACK, ...profile } }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
  tcp.write(octets);
  tcp.sent.length = 0;
  return tcp;
}

describe('RACK (RFC 8985 section 6)', () => {
  it('6.2 step 5: three SACKed segments above a hole: lost at once, where nothing was ever reordered', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    tcp.sends('@200 . 1:1001(1000) ack 1');
  });

  it('6.3: with fewer it waits a quarter of the least round trip: 25 ms', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.sendsNothing();
    tcp.wait(24);
    tcp.sendsNothing();
    tcp.wait(1);
    tcp.sends('@225 . 1:1001(1000) ack 1');
    expect(tcp.connection.sender.sack?.phase).toBe('recovery');
  });

  it('6.3: what was only late is not sent again', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.wait(20);
    tcp.inject('. 1:1(0) ack 2001');
    tcp.wait(50);
    tcp.sendsNothing();
  });

  it('6.2 step 4: after reordering was seen three SACKed segments prove nothing before the window is over', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.inject('. 1:1(0) ack 2001');
    tcp.inject('. 1:1(0) ack 2001 <sack 3001:8001>');
    tcp.sendsNothing();
    tcp.wait(25);
    tcp.sends('@225 . 2001:3001(1000) ack 1');
  });

  it('6.2 step 4: a D-SACK makes the window another quarter wider', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.inject('. 1:1(0) ack 2001 <sack 1:1001>');
    tcp.inject('. 1:1(0) ack 2001 <sack 3001:8001>');
    tcp.wait(49);
    tcp.sendsNothing();
    tcp.wait(1);
    tcp.sends('@250 . 2001:3001(1000) ack 1');
  });

  it('6.2 step 5: all that left before what arrived is lost, and nothing that left after it', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 5001:8001 2001:3001>');
    const { board } = tcp.connection.sender.sack ?? {};
    const lost = Array.from({ length: 10 }, (_, index) => board?.isLost((board?.first ?? 0) + index));
    expect(lost).toEqual([true, true, false, true, true, false, false, false, false, false]);
  });

  it('a retransmission that is lost is found by what was sent after it', () => {
    const tcp = ten({}, 30_000);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    tcp.wait(1);
    // The hole went again at 200 ms; new segments left after it, and are SACKed while it is not.
    for (const end of [5001, 6001, 7001, 8001, 9001, 10_001]) tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
    const fresh = tcp.sent.find(({ text }) => /^\S+ 1\d001:/.test(text));
    expect(fresh?.atMs).toBe(201);
    tcp.sent.length = 0;
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:11001>');
    expect(tcp.sent[0]?.text).toBe('. 1:1001(1000) ack 1');
    expect(tcp.sent[0]?.atMs).toBe(301);
  });
});

describe('tail loss probe (RFC 8985 section 7)', () => {
  it('7.2: the last of ten is lost: again after two round trips and the 200 ms that a lone ACK may be late', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 });
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 9001');
    tcp.wait(500);
    tcp.sends('@600 P. 9001:10001(1000) ack 1');
  });

  it('7.2: no probe where the timeout comes first', () => {
    const tcp = ten();
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 9001');
    tcp.wait(300);
    // SRTT 100 ms, RTTVAR 37.5 ms: RTO 250 ms.
    tcp.sends('@450 P. 9001:10001(1000) ack 1');
    expect(tcp.connection.sender.sack?.phase).toBe('loss');
  });

  it('7.2: two round trips where more than one segment is outstanding', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 });
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 8001');
    tcp.wait(199);
    tcp.sendsNothing();
    tcp.wait(1);
    tcp.sends('@400 P. 9001:10001(1000) ack 1');
    // The ACK of the probe tells of the hole before it.
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 8001 <sack 9001:10001>');
    tcp.sends('@500 . 8001:9001(1000) ack 1');
  });

  it('7.2: no probe while something is SACKed beyond a hole: recovery is under way', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 });
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    tcp.sent.length = 0;
    tcp.wait(900);
    tcp.sendsNothing();
  });

  it('7.3: a new segment where there is one, whatever cwnd says', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 }, 30_000);
    tcp.wait(200);
    tcp.sends('@300 . 10001:11001(1000) ack 1');
  });

  it('7.3: one probe; then the timeout, counted from it', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 });
    tcp.wait(1200);
    tcp.sends('@300 P. 9001:10001(1000) ack 1', '@1300 . 1:1001(1000) ack 1');
  });

  it('7.4.2: the probe repaired a loss that nobody was told of: the window answers for it', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 }, 10_000);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 8001');
    tcp.wait(200);
    tcp.inject('. 1:1(0) ack 10001');
    const { congestion } = tcp.connection.sender;
    const before = congestion.cwndBytes;
    tcp.write(1000);
    tcp.inject('. 1:1(0) ack 11001');
    expect(congestion.cwndBytes).toBeLessThan(before);
  });

  it('7.4.2: a D-SACK says that nothing was lost', () => {
    const tcp = ten({ minRtoNs: 1_000_000_000 }, 10_000);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 8001');
    tcp.wait(200);
    tcp.inject('. 1:1(0) ack 10001');
    const { congestion } = tcp.connection.sender;
    const before = congestion.cwndBytes;
    tcp.inject('. 1:1(0) ack 10001 <sack 9001:10001>');
    tcp.write(1000);
    tcp.inject('. 1:1(0) ack 11001');
    expect(congestion.cwndBytes).toBeGreaterThanOrEqual(before);
  });
});

describe('CUBIC and proportional rate reduction in recovery (RFC 9438 section 4.6, RFC 6937 section 3)', () => {
  it('ten in flight, one lost: ssthresh 7', () => {
    const tcp = ten({ congestion: 'cubic' as const });
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    expect(tcp.connection.sender.congestion.ssthreshBytes).toBe(7000);
  });

  it('RFC 6937: while pipe is above ssthresh, sent = ceil(delivered * ssthresh / RecoverFS)', () => {
    const tcp = ten({ congestion: 'cubic' as const, proportionalRate: true }, 60_000);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    // 3000 delivered: 2100 octets may go, and the first segment always does; 7 for 10 from there on.
    const counts = [tcp.sent.splice(0).length];
    for (const end of [5001, 6001, 7001, 8001, 9001, 10_001]) {
      tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
      counts.push(tcp.sent.splice(0).length);
    }
    const sent = counts.reduce((total, count) => total + count, 0);
    expect(sent).toBeGreaterThanOrEqual(6);
    expect(sent).toBeLessThanOrEqual(7);
    tcp.inject('. 1:1(0) ack 10001');
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(7000);
  });
});
