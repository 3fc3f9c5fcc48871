import { describe, expect, it } from 'vitest';
import { type Script, script } from './script.ts';

const SACK = { sack: true };

describe('SACK blocks (RFC 2018 sections 2 to 4)', () => {
  const receiver = (profile = {}) => script({ profile: { ...SACK, ...profile } }).accepted({ also: ',sackOK' });

  it('section 2: not agreed on, none are sent', () => {
    const tcp = script({ profile: SACK }).accepted();
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.sends('@0 . 1:1(0) ack 1 <>');
  });

  it('section 4: the block of the segment that came last first, then the latest others, four at most', () => {
    const tcp = receiver();
    for (const first of [1001, 3001, 5001, 7001, 9001]) tcp.inject(`. ${first}:${first + 1000}(1000) ack 1`);
    tcp.sends(
      '@0 . 1:1(0) ack 1 <sack 1001:2001>',
      '@0 . 1:1(0) ack 1 <sack 3001:4001 1001:2001>',
      '@0 . 1:1(0) ack 1 <sack 5001:6001 3001:4001 1001:2001>',
      '@0 . 1:1(0) ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>',
      '@0 . 1:1(0) ack 1 <sack 9001:10001 7001:8001 5001:6001 3001:4001>',
    );
  });

  it('section 3: three at most beside timestamps', () => {
    const tcp = script({ profile: { ...SACK, timestamps: true } }).accepted({ also: ',sackOK,TS 1 0', last: 'TS 1 0' });
    for (const first of [1001, 3001, 5001, 7001]) tcp.inject(`. ${first}:${first + 1000}(1000) ack 1 <TS 2 0>`);
    expect(tcp.sent.at(-1)?.options).toBe('TS 0 1,sack 7001:8001 5001:6001 3001:4001');
  });

  it('section 4: "the contiguous block of data containing the segment": blocks grow together', () => {
    const tcp = receiver();
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.inject('. 3001:4001(1000) ack 1');
    tcp.inject('. 2001:3001(1000) ack 1');
    expect(tcp.sent.at(-1)?.options).toBe('sack 1001:4001');
  });

  it('section 4: what is acknowledged is no block any more, and when nothing waits there is no option', () => {
    const tcp = receiver();
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.inject('. 3001:4001(1000) ack 1');
    tcp.inject('. 1:1001(1000) ack 1');
    tcp.inject('. 2001:3001(1000) ack 1');
    tcp.sends(
      '. 1:1(0) ack 1 <sack 1001:2001>',
      '. 1:1(0) ack 1 <sack 3001:4001 1001:2001>',
      '. 1:1(0) ack 2001 <sack 3001:4001>',
      '. 1:1(0) ack 4001 <>',
    );
  });

  it('data carries blocks too, and is shorter by as much (RFC 6691)', () => {
    const tcp = receiver();
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.sent.length = 0;
    tcp.write(1460);
    tcp.sends('@0 . 1:1449(1448) ack 1 <sack 1001:2001>');
  });

  it('section 4: "available option space may not be sufficient": data keeps 8 octets, or two ends with gaps wait for ever', () => {
    // RFC 791: 68 octets pass everywhere, 28 of them behind the headers.
    const tcp = script({ profile: { ...SACK, timestamps: true }, mtuBytes: 68 });
    tcp.accepted({ also: ',sackOK,TS 1 0', last: 'TS 1 0' });
    for (const first of [1001, 3001, 5001]) tcp.inject(`. ${first}:${first + 1000}(1000) ack 1 <TS 2 0>`);
    // Beside timestamps 16 octets are left: one block fits an ACK, none beside data.
    expect(tcp.sent.map(({ options }) => options)).toEqual([
      'TS 0 1,sack 1001:2001',
      'TS 0 1,sack 3001:4001',
      'TS 0 1,sack 5001:6001',
    ]);
    tcp.sent.length = 0;
    tcp.write(20);
    tcp.inject('. 7001:7001(0) ack 17 <TS 3 0>');
    tcp.sends('. 1:17(16) ack 1 <TS 0 1>', 'P. 17:21(4) ack 1 <TS 0 1,sack 5001:6001>');
  });

  it('section 4: without timestamps two of four blocks go with data through 68 octets', () => {
    const tcp = script({ profile: SACK, mtuBytes: 68 }).accepted({ also: ',sackOK' });
    for (const first of [1001, 3001, 5001, 7001]) tcp.inject(`. ${first}:${first + 1000}(1000) ack 1`);
    expect(tcp.sent.at(-1)?.options).toBe('sack 7001:8001 5001:6001 3001:4001');
    tcp.sent.length = 0;
    tcp.write(8);
    tcp.sends('P. 1:9(8) ack 1 <sack 7001:8001 5001:6001>');
  });
});

describe('D-SACK (RFC 2883 section 4)', () => {
  const receiver = () => script({ profile: SACK }).accepted({ also: ',sackOK' });

  it('4.1.1: a segment that was acknowledged before: its range alone, below the ACK', () => {
    const tcp = receiver();
    tcp.inject('. 1:1001(1000) ack 1');
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.sent.length = 0;
    tcp.inject('. 1:1001(1000) ack 1');
    tcp.sends('@0 . 1:1(0) ack 2001 <sack 1:1001>');
  });

  it('4.1.2: a duplicate of what waits: its range, then the block that holds it; once', () => {
    const tcp = receiver();
    tcp.inject('. 1001:3001(2000) ack 1');
    tcp.sent.length = 0;
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.inject('. 5001:6001(1000) ack 1');
    tcp.sends('@0 . 1:1(0) ack 1 <sack 1001:2001 1001:3001>', '@0 . 1:1(0) ack 1 <sack 5001:6001 1001:3001>');
  });

  it('4.2.1: of a segment in part old only that part', () => {
    const tcp = receiver();
    tcp.inject('. 1:1001(1000) ack 1');
    tcp.inject('. 501:1501(1000) ack 1');
    expect(tcp.sent.at(-1)?.options).toBe('sack 501:1001');
    expect(tcp.receivedBytes).toBe(1500);
  });

  it('a sender takes no D-SACK for news: nothing is sent again', () => {
    const tcp = script({ profile: SACK }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(10_000);
    tcp.inject('. 1:1(0) ack 5001');
    tcp.sent.length = 0;
    for (let each = 0; each < 5; each++) tcp.inject('. 1:1(0) ack 5001 <sack 1:1001>');
    tcp.sendsNothing();
    expect(tcp.connection.sender.sack?.phase).toBe('open');
  });
});

describe('round trips with SACK (RFC 6298 section 3)', () => {
  /** Ten segments of 1000 octets in flight, 100 ms after SRTT was 100 ms; the segment that is timed is the first. */
  const ten = (): Script => {
    const tcp = script({ profile: { ...SACK, minRtoNs: 1 } }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(10_000);
    tcp.wait(200);
    return tcp;
  };
  const srttMs = (tcp: Script) => tcp.connection.sender.roundTrip.srttNs / 1_000_000;

  it('the SACK of a segment that left once is a sample, whatever is missing before it', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1001');
    expect(srttMs(tcp)).toBe(112.5);
    // 10001:11001 is timed now; three before it are lost, and go again in the meantime.
    tcp.write(10_000);
    tcp.wait(50);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1001 <sack 4001:7001>');
    expect(tcp.sent[0]?.text).toBe('. 1001:2001(1000) ack 1');
    tcp.wait(50);
    tcp.inject('. 1:1(0) ack 1001 <sack 4001:11001>');
    expect(srttMs(tcp)).toBe((7 * 112.5 + 100) / 8);
  });

  it('Karn: none from one that was sent again, nor from what an ACK of one covers', () => {
    const tcp = ten();
    // The first is lost and goes again: 5 ms later either copy may be what is acknowledged.
    for (const end of [2001, 3001, 4001]) tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
    tcp.wait(5);
    tcp.inject('. 1:1(0) ack 4001');
    expect(srttMs(tcp)).toBe(100);
  });
});

describe('recovery with SACK (RFC 6675)', () => {
  /** Ten segments of 1000 octets in flight. */
  const ten = (profile = {}): Script => {
    const tcp = script({ profile: { ...SACK, ...profile } }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(30_000);
    tcp.sent.length = 0;
    return tcp;
  };
  const cwnd = (tcp: Script) => tcp.connection.sender.congestion.cwndBytes;

  it('section 5 (3): each of the first two SACKs lets one new segment go (limited transmit, RFC 3042)', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.sends('@100 . 10001:11001(1000) ack 1');
    tcp.inject('. 1:1(0) ack 1 <sack 1001:3001>');
    tcp.sends('@100 . 11001:12001(1000) ack 1');
    expect(cwnd(tcp)).toBe(10_000);
  });

  it('a duplicate ACK without news in SACK lets nothing go and counts for nothing', () => {
    const tcp = ten();
    for (let each = 0; each < 6; each++) tcp.inject('. 1:1(0) ack 1');
    tcp.sendsNothing();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.sent.length = 0;
    for (let each = 0; each < 6; each++) tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.sendsNothing();
  });

  it('section 2: an ACK with data, or another window, counts where its SACK is news', () => {
    const tcp = ten();
    tcp.inject('P. 1:11(10) ack 1 <sack 1001:2001>');
    tcp.inject('. 11:11(0) ack 1 win 60000 <sack 1001:3001>');
    tcp.sent.length = 0;
    tcp.inject('. 11:11(0) ack 1 win 59000 <sack 1001:4001>');
    expect(tcp.sent[0]?.text).toBe('. 1:1001(1000) ack 11');
  });

  it('section 5 (4): the third: ssthresh = cwnd = FlightSize / 2, the hole again at once', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.inject('. 1:1(0) ack 1 <sack 1001:3001>');
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    tcp.sends('@100 . 1:1001(1000) ack 1');
    const { congestion, sack } = tcp.connection.sender;
    expect([congestion.ssthreshBytes, congestion.cwndBytes, congestion.inRecovery]).toEqual([5000, 5000, true]);
    // SetPipe: 12 segments sent, 3 SACKed, 1 lost and sent again: 9 in the network.
    expect(sack?.board.pipeBytes).toBe(9000);
  });

  it('section 5 (1): three duplicate ACKs are enough where the SACKed segments are too short for IsLost', () => {
    const tcp = script({ profile: { ...SACK, nagle: false } }).connected({ rttMs: 100, also: ',sackOK' });
    for (let write = 0; write < 4; write++) tcp.write(100);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1 <sack 101:201>');
    tcp.inject('. 1:1(0) ack 1 <sack 101:301>');
    tcp.sendsNothing();
    tcp.inject('. 1:1(0) ack 1 <sack 101:401>');
    tcp.sends('@100 . 1:101(100) ack 1');
    expect(tcp.connection.sender.sack?.phase).toBe('recovery');
  });

  it('section 4 IsLost: one SACK with more than two segments above the hole is enough', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    expect(tcp.sent[0]?.text).toBe('. 1:1001(1000) ack 1');
    expect(tcp.connection.sender.sack?.phase).toBe('recovery');
  });

  it('section 4 IsLost: three discontiguous ranges above are enough', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001 3001:4001 5001:6001>');
    tcp.sends('@100 . 1:1001(1000) ack 1');
  });

  it('section 5: three holes in one window are mended in one round trip', () => {
    const tcp = ten();
    // Segments 1, 3 and 5 of ten are lost.
    const above = ['1001:2001', '3001:4001 1001:2001', '5001:6001 3001:4001 1001:2001'];
    for (const blocks of above) tcp.inject(`. 1:1(0) ack 1 <sack ${blocks}>`);
    for (const end of [7001, 8001, 9001, 10_001, 11_001, 12_001]) {
      tcp.inject(`. 1:1(0) ack 1 <sack 5001:${end} 3001:4001 1001:2001>`);
    }
    const again = tcp.sent.map(({ text }) => text).filter((text) => /^. (1|2001|4001):/.test(text));
    expect(again).toEqual(['. 1:1001(1000) ack 1', '. 2001:3001(1000) ack 1', '. 4001:5001(1000) ack 1']);
    tcp.inject('. 1:1(0) ack 12001');
    const { congestion, sack } = tcp.connection.sender;
    expect([sack?.phase, congestion.cwndBytes]).toEqual(['open', 5000]);
  });

  it('section 5 (C): never more than cwnd - pipe during recovery', () => {
    const tcp = ten();
    for (let end = 4001; end <= 12_001; end += 1000) {
      tcp.sent.length = 0;
      tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
      const { congestion, sack } = tcp.connection.sender;
      // The first retransmission goes whatever cwnd says; of what goes later each fits.
      if (end === 4001) tcp.sends('. 1:1001(1000) ack 1');
      else if (tcp.sent.length > 0) expect(sack?.board.pipeBytes).toBeLessThanOrEqual(congestion.cwndBytes);
    }
    expect(tcp.connection.sender.sack?.board.pipeBytes).toBe(5000);
  });

  it('section 5.1: after a timeout the SACK marks are dropped (RFC 2018 section 8) and the first segment goes', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.sent.length = 0;
    tcp.wait(1000);
    tcp.sends('@1100 . 1:1001(1000) ack 1');
    const { sack } = tcp.connection.sender;
    expect([sack?.phase, sack?.board.sackedBytes, sack?.board.pipeBytes]).toEqual(['loss', 0, 1000]);
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sends('@1100 . 1001:2001(1000) ack 1', '@1100 . 2001:3001(1000) ack 1');
  });

  it('what was sent past a hole while it stayed open does not count as flight at a timeout', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 1001:4001>');
    for (let end = 5001; end <= 20_001; end += 1000) tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
    const { congestion } = tcp.connection.sender;
    expect(tcp.connection.sender.flightBytes).toBeGreaterThan(20_000);
    tcp.wait(1500);
    // cwnd was 5000 during the recovery.
    expect(congestion.ssthreshBytes).toBe(2500);
  });

  it('Linux keeps them, and sends again only what is missing', () => {
    const tcp = ten({ keepsSackAfterTimeout: true });
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.wait(1000);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 2001');
    tcp.sends('@1100 . 2001:3001(1000) ack 1', '@1100 . 3001:4001(1000) ack 1');
  });

  it('RFC 2018 section 8: a peer that acknowledges less than it SACKed has reneged: all of it goes again', () => {
    const tcp = ten({ keepsSackAfterTimeout: true });
    tcp.inject('. 1:1(0) ack 1 <sack 1001:2001>');
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sent.length = 0;
    tcp.wait(1000);
    expect(tcp.sent[0]?.text).toBe('. 1001:2001(1000) ack 1');
  });

  it('RFC 2018 section 5: SACKed octets stay in the buffer until they are acknowledged', () => {
    const tcp = ten();
    const before = tcp.connection.unacknowledgedBytes;
    tcp.inject('. 1:1(0) ack 1 <sack 1001:10001>');
    expect(tcp.connection.unacknowledgedBytes).toBe(before);
  });

  it('blocks that are nonsense are passed over: beyond SND.MAX, upside down', () => {
    const tcp = ten();
    tcp.inject('. 1:1(0) ack 1 <sack 90001:99001 5001:4001 1001:200001>');
    tcp.sendsNothing();
    expect(tcp.connection.sender.sack?.board.sackedBytes).toBe(0);
  });

  it('section 4 NextSeg (4): the last segment once more where nothing else may go', () => {
    const tcp = script({ profile: SACK }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(10_000);
    tcp.sent.length = 0;
    // Segments 1 and 10 are lost; from the eighth SACK on cwnd has room for two.
    for (let end = 2001; end <= 9001; end += 1000) tcp.inject(`. 1:1(0) ack 1 <sack 1001:${end}>`);
    tcp.sends('@100 . 1:1001(1000) ack 1', '@100 P. 9001:10001(1000) ack 1');
    tcp.inject('. 1:1(0) ack 9001');
    tcp.sendsNothing();
  });

  it('a FIN that was lost is a segment like others', () => {
    const tcp = script({ profile: SACK }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(500);
    tcp.stream?.end();
    tcp.sent.length = 0;
    tcp.wait(1000);
    expect(tcp.sent.map(({ text }) => text)).toEqual(['P. 1:501(500) ack 1']);
    tcp.inject('. 1:1(0) ack 501');
    expect(tcp.sent.at(-1)?.text).toBe('F. 501:501(0) ack 1');
    tcp.inject('. 1:1(0) ack 502');
    expect(tcp.state).toBe('FIN-WAIT-2');
  });
});
