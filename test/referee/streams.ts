/** Conversations as capture records: datagrams and streams between a client and a server, a second apart. */

import type { PcapRecord } from '../capture/build.ts';
import { ip, onEthernet, tcp, udp } from './frames.ts';

const CLIENT = ip('10.0.0.1');
const SERVER = ip('10.0.0.2');
const [FIN, SYN, PUSH, ACK] = [0x01, 0x02, 0x08, 0x10];

export type Way = '>' | '<';

/** What was heard on one cable. Each conversation has a client's port of its own. */
export class Heard {
  readonly records: PcapRecord[] = [];
  #port = 40_000;

  frame(bytes: Uint8Array, waitSeconds = 1): void {
    const seconds = (this.records.at(-1)?.seconds ?? 1_700_000_000) + waitSeconds;
    this.records.push({ seconds, part: 0, bytes });
  }

  datagrams(port: number, messages: readonly (readonly [way: Way, bytes: Uint8Array, waitSeconds?: number])[]): void {
    const own = this.#port++;
    for (const [way, bytes, waitSeconds] of messages) {
      const packet = way === '>' ? udp(CLIENT, SERVER, own, port, bytes) : udp(SERVER, CLIENT, port, own, bytes);
      this.frame(onEthernet(packet), waitSeconds);
    }
  }

  /** A connection from its SYN to the FIN of the server; each piece is a segment that the other side acknowledges. */
  stream(port: number, pieces: readonly (readonly [way: Way, bytes: Uint8Array])[], ends: Way | '' = '<'): void {
    const own = this.#port++;
    const next = { '>': 1000, '<': 5000 };
    const segment = (way: Way, flags: number, payload: Uint8Array = new Uint8Array(0)) => {
      const isOut = way === '>';
      this.frame(
        onEthernet(
          tcp({
            source: isOut ? CLIENT : SERVER,
            destination: isOut ? SERVER : CLIENT,
            sourcePort: isOut ? own : port,
            destinationPort: isOut ? port : own,
            sequence: next[way],
            acknowledgment: flags & ACK ? next[isOut ? '<' : '>'] : 0,
            flags,
            window: 64240,
            payload,
          }),
        ),
      );
      next[way] += payload.length + (flags & (SYN | FIN) ? 1 : 0);
    };
    segment('>', SYN);
    segment('<', SYN | ACK);
    segment('>', ACK);
    for (const [way, bytes] of pieces) {
      segment(way, PUSH | ACK, bytes);
      segment(way === '>' ? '<' : '>', ACK);
    }
    if (ends === '') return;
    segment(ends, FIN | ACK);
    segment(ends === '>' ? '<' : '>', ACK);
  }
}
