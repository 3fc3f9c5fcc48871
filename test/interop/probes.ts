/**
 * What a TCP is asked to see how it behaves: the same of Linux, in real time through a TUN device, and of this stack, in
 * virtual time. Segments are written as in `test/conformance/script.ts`; the asked side's ISN and the peer's are 0.
 */

export interface Heard {
  readonly text: string;
  readonly options: string;
  readonly win: number;
  readonly length: number;
}

/** A TCP that can be asked. Everything it sends to the one who asks is heard in order. */
export interface Asked {
  /** Of the SYN that asks. */
  readonly mss: number;
  inject(line: string, options?: { readonly breakChecksum?: boolean }): void;
  /** ICMP, or ICMPv6, says that the path takes no more than so much; the segment at `sequence` is quoted. */
  tooBig(mtuBytes: number, sequence: number): void;
  /** The next segment, waited for. */
  next(): Promise<Heard>;
  /** What it has sent since it was last asked, and in so many ms. */
  heard(ms?: number): Promise<readonly Heard[]>;
}

export interface Probe {
  readonly name: string;
  /** The peer's ISN: the number of its SYN in the script is 0. Standard: 1,000,000. */
  readonly peerIss?: number;
  /**
   * What the asked side does: nothing; `reads` from who connects until its FIN, and ends; sends who connects so many
   * octets, and ends; `connects` to the one who asks.
   */
  readonly does: 'nothing' | 'reads' | 'connects' | number;
  /** It changes what the host knows of the path, so it is asked last. */
  readonly isAlone?: true;
  readonly ask: (asked: Asked) => Promise<string>;
}

const text = (heard: readonly Heard[]) => heard.map((each) => each.text).join('; ') || 'nothing';
const withOptions = (heard: readonly Heard[]) =>
  heard.map((each) => `${each.text} <${each.options.replace(/TS \S+ /, 'TS x ')}>`).join('; ') || 'nothing';

/** Both SYNs exchanged. */
async function open(asked: Asked, { also = '', last = '', win = 65_535 } = {}): Promise<void> {
  asked.inject(`S 0:0(0) win ${win} <mss ${asked.mss}${also}>`);
  await asked.next();
  asked.inject(`. 1:1(0) ack 1 win ${win}${last && ` <${last}>`}`);
}

const answer = (name: string, line: string): Probe => ({
  name,
  does: 'reads',
  ask: async (asked) => {
    await open(asked, { also: ',sackOK' });
    await asked.heard(50);
    asked.inject(line);
    return text(await asked.heard());
  },
});

async function timeWait(asked: Asked): Promise<void> {
  await open(asked);
  await asked.next();
  asked.inject('F. 1:1(0) ack 2');
  await asked.heard();
}

const firstFlight = (name: string, options: (mss: number) => string): Probe => ({
  name,
  does: 30_000,
  ask: async (asked) => {
    asked.inject(`S 0:0(0) win 65535${options(asked.mss)}`);
    await asked.next();
    asked.inject('. 1:1(0) ack 1 win 65535');
    const first = await asked.next();
    const sizes = [first, ...(await asked.heard(50))].map(({ length }) => length);
    return `${sizes.length} of ${[...new Set(sizes)].join(' ')}`;
  },
});

export const PROBES: readonly Probe[] = [
  {
    name: 'SYN to closed port',
    peerIss: 0,
    does: 'nothing',
    ask: async (asked) => {
      asked.inject('S 1000:1000(0)');
      return text(await asked.heard());
    },
  },
  {
    name: 'ACK(777) to closed port',
    peerIss: 0,
    does: 'nothing',
    ask: async (asked) => {
      asked.inject('. 1000:1000(0) ack 777');
      return text(await asked.heard());
    },
  },
  {
    name: 'SYN/ACK options offered to mss+sackOK',
    does: 'reads',
    ask: async (asked) => {
      asked.inject(`S 0:0(0) <mss ${asked.mss},sackOK>`);
      const { text, win, options } = await asked.next();
      return `${text} win ${win} <${options}>`;
    },
  },
  {
    name: 'SYN/ACK options offered to all of them',
    does: 'reads',
    ask: async (asked) => {
      asked.inject(`S 0:0(0) <mss ${asked.mss},sackOK,TS 5 0,wscale 7>`);
      return withOptions([await asked.next()]);
    },
  },
  firstFlight('no MSS option in SYN: sizes of first flight', () => ''),
  firstFlight('IW: first flight, MSS as the link has it', (mss) => ` <mss ${mss}>`),
  {
    name: 'bad TCP checksum on SYN',
    does: 'reads',
    ask: async (asked) => {
      asked.inject(`S 0:0(0) <mss ${asked.mss}>`, { breakChecksum: true });
      return text(await asked.heard());
    },
  },
  {
    name: 'simultaneous open: reply to crossing SYN',
    peerIss: 0,
    does: 'connects',
    ask: async (asked) => {
      await asked.next();
      asked.inject(`S 1000:1000(0) <mss ${asked.mss}>`);
      return text(await asked.heard());
    },
  },
  answer('RST out of window (seq+100000)', 'R 100001:100001(0)'),
  answer('RST in window, not exact (seq+10)', 'R 11:11(0)'),
  answer('SYN in window in ESTABLISHED', 'S 11:11(0)'),
  answer('ACK for data never sent (snd+1000)', '. 1:1(0) ack 1001'),
  answer('ACK older than una-max_window', '. 1:1(0) ack -100000'),
  answer('data above window (seq+1e6)', '. 1000001:1000011(10) ack 1'),
  answer('keep-alive probe (seq-1, 0 bytes)', '. 0:0(0) ack 1'),
  answer('data with no ACK flag', '- 1:11(10)'),
  answer('one small segment', 'P. 1:11(10) ack 1'),
  {
    name: 'FIN to who reads: answered by a FIN',
    does: 'reads',
    ask: async (asked) => {
      await open(asked);
      await asked.heard(50);
      asked.inject('F. 1:1(0) ack 1');
      // Linux acknowledges it first where the reader is slow.
      for (;;) {
        const { text } = await asked.next();
        if (text.startsWith('F')) return text;
      }
    },
  },
  {
    name: 'RST exact -> then data',
    does: 'reads',
    ask: async (asked) => {
      await open(asked);
      await asked.heard(50);
      asked.inject('R 1:1(0)');
      await asked.heard(50);
      asked.inject('. 1:11(10) ack 1');
      return text(await asked.heard());
    },
  },
  {
    name: 'TIME-WAIT: our FIN again',
    does: 0,
    ask: async (asked) => {
      await timeWait(asked);
      asked.inject('F. 1:1(0) ack 2');
      return text(await asked.heard());
    },
  },
  {
    name: 'TIME-WAIT: new SYN, lower seq',
    does: 0,
    ask: async (asked) => {
      await timeWait(asked);
      asked.inject('S -999:-999(0)');
      return text(await asked.heard());
    },
  },
  {
    name: 'TIME-WAIT: new SYN, higher seq',
    does: 0,
    ask: async (asked) => {
      await timeWait(asked);
      asked.inject('S 100000:100000(0)');
      return text(await asked.heard());
    },
  },
  {
    name: 'PAWS: TSval 2000 (older) with data',
    does: 'reads',
    ask: async (asked) => {
      await open(asked, { also: ',TS 6000 0', last: 'TS 6000 0' });
      await asked.heard(50);
      asked.inject('P. 1:6(5) ack 1 <TS 2000 0>');
      return withOptions(await asked.heard());
    },
  },
  {
    name: 'no TS option on established TS conn, data',
    does: 'reads',
    ask: async (asked) => {
      await open(asked, { also: ',TS 6000 0', last: 'TS 6000 0' });
      await asked.heard(50);
      asked.inject('P. 1:6(5) ack 1');
      return withOptions(await asked.heard());
    },
  },
  {
    name: 'five holes, a duplicate, the first filled, old data again: SACK blocks',
    does: 'reads',
    ask: async (asked) => {
      await open(asked, { also: ',sackOK' });
      await asked.heard(50);
      const answers: Heard[] = [];
      for (const start of [1001, 3001, 5001, 7001, 9001, 3001, 1, 1]) {
        asked.inject(`. ${start}:${start + 1000}(1000) ack 1`);
        answers.push(await asked.next());
      }
      return answers.map(({ text, options }) => `${text.replace('. 1:1(0) ', '')} <${options}>`).join('; ');
    },
  },
  {
    name: 'half close: data after our FIN',
    does: 9,
    ask: async (asked) => {
      await open(asked, { win: 0 });
      await asked.heard(50);
      asked.inject('F. 1:1(0) ack 1 win 0');
      await asked.heard(100);
      asked.inject('. 2:2(0) ack 1 win 1000');
      return text(await asked.heard(100));
    },
  },
  {
    name: 'zero window from the start: the probe, and what comes when it opens',
    does: 100,
    ask: async (asked) => {
      await open(asked, { win: 0 });
      const probe = await asked.next();
      asked.inject('. 1:1(0) ack 1 win 1000');
      return `${probe.text}; ${(await asked.next()).text}`;
    },
  },
  {
    name: 'too big, 1300: what is sent again',
    isAlone: true,
    does: 30_000,
    ask: async (asked) => {
      await open(asked, { also: ',sackOK' });
      await asked.next();
      await asked.heard(50);
      asked.tooBig(1300, 1);
      return (await asked.next()).text;
    },
  },
];

/** Where this stack answers otherwise than Linux, and why. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'ipv6: SYN/ACK options offered to mss+sackOK':
    'the profile has one receive buffer, Linux rounds 65,535 down to whole segments of 1,440',
};
