import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { script } from './script.ts';

describe('opening (RFC 9293 section 3.5)', () => {
  it('three-way handshake, active: figure 6', () => {
    const tcp = script();
    tcp.connect();
    tcp.sends('@0 S 0:0(0) win 65535 <mss 1460>');
    tcp.wait(50);
    tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.sends('@50 . 1:1(0) ack 1');
    expect([tcp.state, tcp.heard]).toEqual(['ESTABLISHED', ['open']]);
  });

  it('three-way handshake, passive: figure 6', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535 <mss 1460>');
    tcp.sends('@0 S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.inject('. 1:1(0) ack 1');
    tcp.sendsNothing();
    expect([tcp.state, tcp.heard]).toEqual(['ESTABLISHED', ['accept']]);
  });

  it('SYN again at 0, 1, 3, 7, 15, 31, 63 s, then every 60 s, until 3 minutes are over (RFC 6298 2.1, RFC 9293 3.8.3)', () => {
    const tcp = script();
    tcp.connect();
    tcp.wait(600_000);
    tcp.sends(...[0, 1, 3, 7, 15, 31, 63, 123, 183].slice(0, 8).map((second) => `@${second * 1000} S 0:0(0)`));
    expect([tcp.state, tcp.heard]).toEqual(['CLOSED', ['close timed-out']]);
  });

  it('SYN again at 0, 1, 2, 3, 4, 5, 7, 11 s in the linux profile (tcp_syn_linear_timeouts 4)', () => {
    const tcp = script({ profile: LINUX_PROFILE });
    tcp.connect();
    tcp.wait(18_000);
    tcp.sends(...[0, 1, 2, 3, 4, 5, 7, 11].map((second) => `@${second * 1000} S 0:0(0)`));
  });

  it('SYN-ACK again at 0, 1, 3, 7 s', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535 <mss 1460>');
    tcp.wait(8000);
    tcp.sends(...[0, 1, 3, 7].map((second) => `@${second * 1000} S. 0:0(0) ack 1`));
  });

  it('after a lost SYN data starts with an RTO of 3 s (RFC 6298 5.7) and the full initial window (RFC 6928 2)', () => {
    const tcp = script();
    tcp.connect();
    tcp.wait(1100);
    tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.sent.length = 0;
    tcp.write(100);
    tcp.wait(5000);
    tcp.sends('@1100 P. 1:101(100) ack 1', '@4100 P. 1:101(100) ack 1');
    expect(tcp.connection.sender.congestion.cwndBytes).toBe(1460);
  });

  it('closed port: SYN => RST,ACK with SEQ 0; ACK => RST with SEQ = SEG.ACK; RST => nothing (3.10.7.1)', () => {
    const tcp = script();
    tcp.inject('S 0:0(0) win 65535');
    tcp.sends('R. 0:0(0) ack 1');
    tcp.inject('. 1:1(0) ack 777');
    tcp.sends('R 777:777(0)');
    tcp.inject('R 1:1(0)');
    tcp.inject('R. 1:1(0) ack 1');
    tcp.sendsNothing();
    expect(tcp.drops).toEqual(['no-listener', 'no-connection', 'no-connection', 'no-connection']);
  });

  it('closed port: the RST acknowledges data that came with the SYN', () => {
    const tcp = script();
    tcp.inject('S 0:100(100) win 65535');
    tcp.sends('R. 0:0(0) ack 101');
  });

  it('LISTEN: RST ignored, ACK => RST (3.10.7.2)', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('R 0:0(0)');
    tcp.sendsNothing();
    tcp.inject('. 5:5(0) ack 99');
    tcp.sends('R 99:99(0)');
    tcp.inject('F 5:5(0)');
    tcp.sends('R. 0:0(0) ack 6');
  });

  it('SYN-SENT: an ACK of nothing ours => RST; with RST nothing (3.10.7.3)', () => {
    const tcp = script();
    tcp.connect();
    tcp.sent.length = 0;
    tcp.inject('S. 0:0(0) ack 0');
    tcp.sends('R 0:0(0)');
    tcp.inject('S. 0:0(0) ack 2');
    tcp.sends('R 2:2(0)');
    tcp.inject('R. 0:0(0) ack 2');
    tcp.inject('R 0:0(0)');
    tcp.sendsNothing();
    expect(tcp.state).toBe('SYN-SENT');
    tcp.inject('. 0:0(0) ack 1');
    expect(tcp.state).toBe('SYN-SENT');
  });

  it('SYN-SENT: RST with the right ACK => refused', () => {
    const tcp = script();
    tcp.connect();
    tcp.inject('R. 0:0(0) ack 1');
    expect([tcp.state, tcp.heard]).toEqual(['CLOSED', ['close refused']]);
  });

  it('simultaneous open: figure 7 (MUST-10)', () => {
    const tcp = script();
    tcp.connect();
    tcp.sends('S 0:0(0)');
    tcp.inject('S 0:0(0) win 65535 <mss 1460>');
    tcp.sends('S. 0:0(0) ack 1');
    expect(tcp.state).toBe('SYN-RECEIVED');
    tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
    expect([tcp.state, tcp.heard]).toEqual(['ESTABLISHED', ['open']]);
    tcp.sent.length = 0;
    tcp.write(10);
    tcp.sends('P. 1:11(10) ack 1');
  });

  it('old duplicate SYN: figure 8, a RST returns the listener to LISTEN and nobody is told', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S -500:-500(0) win 65535');
    tcp.sends('S. 0:0(0) ack -499');
    tcp.inject('R -499:-499(0)');
    expect([tcp.tcp.connections.length, tcp.heard]).toEqual([0, []]);
    tcp.inject('S 0:0(0) win 65535');
    expect(tcp.tcp.connections.length).toBe(1);
  });

  it('SYN-RECEIVED: the ACK must be exactly ISS + 1, else RST (3.10.7.4)', () => {
    for (const [ack, opens] of [
      [0, false],
      [1, true],
      [2, false],
    ] as const) {
      const tcp = script();
      tcp.listen();
      tcp.inject('S 0:0(0) win 65535');
      tcp.sent.length = 0;
      tcp.inject(`. 1:1(0) ack ${ack}`);
      expect(tcp.heard).toEqual(opens ? ['accept'] : []);
      if (opens) tcp.sendsNothing();
      else tcp.sends(`R ${ack}:${ack}(0)`);
    }
  });

  it('SYN again in SYN-RECEIVED: the SYN-ACK goes again', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535');
    tcp.inject('S 0:0(0) win 65535');
    tcp.sends('S. 0:0(0) ack 1', 'S. 0:0(0) ack 1');
  });

  it('half-open discovery: a segment of a lost connection gets a RST, and the sender aborts (3.5.1)', () => {
    const tcp = script().accepted();
    tcp.write(100);
    tcp.sent.length = 0;
    tcp.inject('R 1:1(0)');
    expect(tcp.heard.at(-1)).toBe('close reset');
  });

  it('backlog full: the SYN is dropped without a word', () => {
    const tcp = script({ profile: { backlog: 0 } });
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535');
    tcp.sendsNothing();
    expect(tcp.drops).toEqual(['buffer-full']);
  });

  it('no MSS option => segments of 536 octets (MUST-15)', () => {
    const tcp = script().connected({ mss: null });
    tcp.write(2000);
    tcp.sends('. 1:537(536) ack 1', '. 537:1073(536) ack 1', '. 1073:1609(536) ack 1');
  });

  it('MSS 0 is ignored, MSS 1 is raised to what makes progress', () => {
    const absurd = script().connected({ mss: 1 });
    absurd.write(88);
    absurd.sends('P. 1:89(88) ack 1');
    const zero = script().connected({ mss: 0 });
    zero.write(536);
    zero.sends('P. 1:537(536) ack 1');
  });

  it('MSS announced is MTU - 40', () => {
    const tcp = script({ mtuBytes: 1000 });
    tcp.connect();
    tcp.sends('S 0:0(0) <mss 960>');
  });

  it('close in SYN-SENT sends nothing; the late SYN-ACK gets a RST', () => {
    const tcp = script();
    tcp.connect();
    tcp.sent.length = 0;
    tcp.stream?.close();
    tcp.sendsNothing();
    tcp.inject('S. 0:0(0) ack 1 win 65535');
    tcp.sends('R 1:1(0)');
  });

  it('ISN: two connections at one instant differ, one seed gives one ISN (RFC 6528)', () => {
    const issOf = (seed: string) => {
      const tcp = script({ seed });
      tcp.connect();
      const first = tcp.connection.sender.iss;
      tcp.connect();
      return [first, tcp.connection.sender.iss];
    };
    const [one, two] = issOf('1');
    expect(one).not.toBe(two);
    expect(issOf('1')).toEqual([one, two]);
    expect(issOf('2')).not.toEqual([one, two]);
  });

  it('data that comes with the SYN is not delivered before the handshake is over (3.10.7.2)', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S 0:10(10) win 65535');
    tcp.sends('S. 0:0(0) ack 1');
    expect(tcp.received).toEqual([]);
  });
});
