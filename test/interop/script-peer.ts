/** This stack, asked in virtual time as Linux is in real time. */

import type { TcpProfile } from '../../src/layers/4-transport/tcp/profile.ts';
import { Script } from '../conformance/script.ts';
import type { Asked, Heard, Probe } from './probes.ts';

class ScriptPeer implements Asked {
  readonly mss: number;
  readonly #script: Script;

  constructor(family: 'ipv4' | 'ipv6', profile: TcpProfile, { does, peerIss = 1_000_000 }: Probe) {
    const script = new Script({ profile, family, peerIss });
    this.#script = script;
    this.mss = family === 'ipv4' ? 1460 : 1440;
    if (does === 'connects') script.connect();
    if (does === 'reads' || typeof does === 'number') script.listen();
    script.onHeard = (event) => {
      if (event === 'accept' && typeof does === 'number' && does > 0) script.write(does);
      if (event === (does === 'reads' ? 'end' : 'accept')) script.stream?.end();
    };
  }

  inject(line: string, options = {}): void {
    this.#script.inject(line, options);
  }

  tooBig(mtuBytes: number, sequence: number): void {
    this.#script.icmp({ kind: 'too-big', code: 4, mtuBytes, sequence });
  }

  async next(): Promise<Heard> {
    for (let waits = 0; waits < 1000 && this.#script.sent.length === 0; waits++) this.#script.wait(10);
    return this.#take(1)[0] as Heard;
  }

  async heard(ms = 300): Promise<readonly Heard[]> {
    this.#script.wait(ms);
    return this.#take(this.#script.sent.length);
  }

  #take(count: number): Heard[] {
    const sent = this.#script.sent.splice(0, count);
    return sent.map(({ text, options, win, payload }) => ({ text, options, win, length: payload.length }));
  }
}

export const askOurs = (family: 'ipv4' | 'ipv6', profile: TcpProfile, probe: Probe) =>
  probe.ask(new ScriptPeer(family, profile, probe));
