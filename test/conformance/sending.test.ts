import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { script } from './script.ts';

describe('windows, Nagle and silly windows (RFC 9293 sections 3.7.4 and 3.8.6)', () => {
  it('never more than min(cwnd, SND.WND) beyond SND.UNA', () => {
    const tcp = script().connected({ win: 3000 });
    tcp.write(10_000);
    tcp.sends('. 1:1461(1460) ack 1', '. 1461:2921(1460) ack 1');
    tcp.inject('. 1:1(0) ack 1461 win 3000');
    tcp.sends('. 2921:4381(1460) ack 1');
  });

  it('a retransmission takes no new octets along beyond the window', () => {
    const tcp = script().connected({ win: 500 });
    tcp.write(10_000);
    tcp.wait(1000);
    tcp.sends('. 1:501(500) ack 1', '@1000 . 1:501(500) ack 1');
  });

  it('Nagle: 3 writes of 10 octets over RTT 100: 10 at 0, 20 at 100', () => {
    const tcp = script().connected({ rttMs: 100 });
    for (let write = 0; write < 3; write++) tcp.write(10);
    tcp.wait(100);
    tcp.inject('. 1:1(0) ack 11');
    tcp.sends('@100 P. 1:11(10) ack 1', '@200 P. 11:31(20) ack 1');
  });

  it('no delay (MUST-17): each write leaves at once', () => {
    const tcp = script().connected({ options: { noDelay: true } });
    for (let write = 0; write < 3; write++) tcp.write(10);
    tcp.sends('P. 1:11(10) ack 1', 'P. 11:21(10) ack 1', 'P. 21:31(10) ack 1');
  });

  it('no delay, asked for later (MUST-17): what Nagle held leaves then', () => {
    const tcp = script().connected();
    for (let write = 0; write < 3; write++) tcp.write(10);
    tcp.sends('P. 1:11(10) ack 1');
    tcp.connection.setNoDelay();
    tcp.sends('P. 11:31(20) ack 1');
    tcp.write(10);
    tcp.sends('P. 31:41(10) ack 1');
  });

  it('PSH on the segment that empties the buffer (MUST-61)', () => {
    const tcp = script().connected();
    tcp.write(3000);
    tcp.inject('. 1:1(0) ack 2921');
    tcp.sends('. 1:1461(1460) ack 1', '. 1461:2921(1460) ack 1', 'P. 2921:3001(80) ack 1');
  });

  it('sender: a window below half of the greatest holds a small segment until the override timer (MUST-38)', () => {
    const tcp = script().connected({ win: 10_000 });
    tcp.write(4380);
    tcp.inject('. 1:1(0) ack 4381 win 500');
    tcp.sent.length = 0;
    tcp.write(2000);
    tcp.sendsNothing();
    tcp.wait(200);
    tcp.sends('@200 . 4381:4881(500) ack 1');
  });

  it('receiver: the edge moves in steps of min(RCV.BUFF / 2, MSS) (MUST-39)', () => {
    const tcp = script({ profile: { receiveBufferBytes: 4000 } }).accepted();
    tcp.reads = false;
    tcp.inject('. 1:1461(1460) ack 1');
    tcp.inject('. 1461:2921(1460) ack 1');
    tcp.inject('P. 2921:4001(1080) ack 1');
    tcp.wait(300);
    expect(tcp.sent.at(-1)).toMatchObject({ win: 0, text: '. 1:1(0) ack 4001' });
    tcp.sent.length = 0;
    for (let octet = 0; octet < 1459; octet++) tcp.stream?.read(1);
    tcp.sendsNothing();
    tcp.stream?.read(1);
    tcp.sends('. 1:1(0) ack 4001 win 1460');
  });

  it('the right edge never moves left (SHLD-14)', () => {
    const tcp = script({ profile: { receiveBufferBytes: 4000 } }).accepted();
    tcp.reads = false;
    let edge = 0;
    for (let at = 1; at < 3901; at += 100) {
      tcp.inject(`P. ${at}:${at + 100}(100) ack 1`);
      for (const { text, win } of tcp.sent.splice(0)) {
        const right = Number(/ack (\d+)/.exec(text)?.[1]) + win;
        expect(right).toBeGreaterThanOrEqual(edge);
        edge = right;
      }
    }
    expect(edge).toBeGreaterThanOrEqual(4001);
  });

  it('zero window: an octet of new data at 1, 3, 7 s, for ever as long as it is answered (MUST-37, SHLD-29, SHLD-30)', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(3000);
    tcp.inject('. 1:1(0) ack 1001 win 0');
    tcp.sent.length = 0;
    const at: number[] = [];
    for (let second = 0; second < 200; second++) {
      tcp.wait(1000);
      for (const { atMs, text } of tcp.sent.splice(0)) {
        expect(text).toBe('. 1001:1002(1) ack 1');
        at.push(atMs / 1000);
        tcp.inject('. 1:1(0) ack 1001 win 0');
      }
    }
    expect(at).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.inject('. 1:1(0) ack 1001 win 3000');
    tcp.sends('. 1001:2461(1460) ack 1');
  });

  it('zero window: a peer that answers no probe is given up when R2 is over (3.8.3)', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(3000);
    tcp.inject('. 1:1(0) ack 1001 win 0');
    tcp.sent.length = 0;
    tcp.wait(122_999);
    expect([tcp.sent.map(({ atMs }) => atMs / 1000), tcp.state]).toEqual([[1, 3, 7, 15, 31, 63], 'ESTABLISHED']);
    tcp.wait(1);
    expect([tcp.state, tcp.heard.at(-1)]).toEqual(['CLOSED', 'close timed-out']);
  });

  it('zero window: the octet of a probe may be accepted', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(3000);
    tcp.inject('. 1:1(0) ack 1001 win 0');
    tcp.wait(1000);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1002 win 2000');
    tcp.sends('. 1002:2462(1460) ack 1');
  });

  it('zero window, linux: no data, SEQ = SND.UNA - 1', () => {
    const tcp = script({ profile: LINUX_PROFILE }).connected({ win: 1000, rttMs: 100 });
    tcp.write(3000);
    tcp.inject('. 1:1(0) ack 1001 win 0');
    tcp.sent.length = 0;
    tcp.wait(1000);
    expect(tcp.sent[0]?.text).toBe('. 1000:1000(0) ack 1');
  });

  it('a window update that is lost: the probe finds the window open', () => {
    const tcp = script().accepted();
    tcp.reads = false;
    const size = 65_535;
    for (let at = 1; at <= size; at += 1455)
      tcp.inject(`. ${at}:${Math.min(at + 1455, size + 1)}(${Math.min(1455, size + 1 - at)}) ack 1`);
    tcp.wait(500);
    expect(tcp.sent.at(-1)?.win).toBe(0);
    tcp.sent.length = 0;
    tcp.inject(`. ${size + 1}:${size + 2}(1) ack 1`);
    expect(tcp.sent.at(-1)).toMatchObject({ win: 0, text: `. 1:1(0) ack ${size + 1}` });
    while (tcp.stream && tcp.stream.read().length > 0);
    tcp.sent.length = 0;
    tcp.inject(`. ${size + 1}:${size + 2}(1) ack 1`);
    tcp.wait(200);
    expect(tcp.sent.at(-1)?.text).toBe(`. 1:1(0) ack ${size + 2}`);
  });

  it('FIN, pure ACK and RST are accepted at a zero window', () => {
    const closed = () => {
      const tcp = script({ profile: { receiveBufferBytes: 1000 } }).accepted();
      tcp.reads = false;
      tcp.write(10);
      tcp.inject('P. 1:1001(1000) ack 1');
      tcp.wait(300);
      tcp.sent.length = 0;
      return tcp;
    };
    const acked = closed();
    acked.inject('. 1001:1001(0) ack 11');
    expect(acked.connection.sender.sndUna).toBe(acked.connection.sender.sndMax);
    const finished = closed();
    finished.inject('F. 1001:1001(0) ack 11');
    expect(finished.state).toBe('CLOSE-WAIT');
    const reset = closed();
    reset.inject('R 1001:1001(0)');
    expect(reset.state).toBe('CLOSED');
  });
});

describe('delayed ACK (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2)', () => {
  it('one small segment is acknowledged after 200 ms; in the linux profile sixteen at once, then after 40 ms', () => {
    const tcp = script().accepted();
    tcp.inject('P. 1:11(10) ack 1');
    tcp.wait(500);
    tcp.sends('@200 . 1:1(0) ack 11');
    const linux = script({ profile: LINUX_PROFILE }).accepted();
    for (let first = 1; first <= 151; first += 10) {
      linux.inject(`P. ${first}:${first + 10}(10) ack 1`);
      linux.sends(`@${linux.nowMs} . 1:1(0) ack ${first + 10}`);
      linux.wait(100);
    }
    linux.inject('P. 161:171(10) ack 1');
    linux.wait(100);
    linux.sends('@1640 . 1:1(0) ack 171');
  });

  it('every second full segment at once', () => {
    const tcp = script().accepted();
    tcp.inject('. 1:1461(1460) ack 1');
    tcp.sendsNothing();
    tcp.inject('. 1461:2921(1460) ack 1');
    tcp.sends('@0 . 1:1(0) ack 2921');
  });

  it('turned off: every segment at once', () => {
    const tcp = script({ profile: { delayedAck: false } }).accepted();
    tcp.inject('P. 1:11(10) ack 1');
    tcp.sends('@0 . 1:1(0) ack 11');
  });

  it('an answer that is written while the segment is read carries the ACK', () => {
    const tcp = script();
    tcp.tcp.listen('echo', 80, (stream) => ({ onReadable: () => stream.write(stream.read()) }));
    tcp.inject('S 0:0(0) win 65535');
    tcp.inject('. 1:1(0) ack 1');
    tcp.sent.length = 0;
    tcp.inject('P. 1:11(10) ack 1');
    tcp.wait(500);
    tcp.sends('@0 P. 1:11(10) ack 11');
  });
});
