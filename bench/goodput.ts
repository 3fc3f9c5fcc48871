/**
 * How much one flow gets through a lossy path, and how two share one: ours, ns-3's where it is installed (Debian: ns3,
 * libns3-dev, g++), and the bound of Mathis et al. (1997). `npm run bench -- goodput [--runs 20] [--seconds 100]`, some
 * five minutes.
 *
 * Exit 1 where a mean lies more than 15 % from ns-3's or above the bound, or two equal flows do not share within 10 %.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AS_NS3, buildNs3, estimate, goodputs, type LossyPath, mathisBound, ns3Goodputs } from '../test/goodputs.ts';

const DELAY_MS = 25;
const NEAR_NS3 = 0.15;
/** Of the sum of both flows, the difference of theirs. */
const NEAR_EQUAL = 0.1;

type Law = 'newreno' | 'cubic';

const words = process.argv.slice(2);
const option = (name: string, standard: number) =>
  words.includes(name) ? Number(words[words.indexOf(name) + 1] ?? 0) || standard : standard;
const runs = Math.max(2, option('--runs', 20));
const seconds = option('--seconds', 100);
const seeds = Array.from({ length: runs }, (_, index) => index + 1);
const failures: string[] = [];

const megabits = (octets: number) => ((octets * 8) / 1e6).toFixed(2);
const estimated = (values: readonly number[]) => {
  const { mean, half } = estimate(values);
  return `${megabits(mean).padStart(5)} ± ${megabits(half)}`;
};

function oneFlow(program: string | null, law: Law, path: LossyPath): void {
  const name = `${law.padEnd(7)} ${String(path.megabits).padStart(3)} Mbit/s, loss ${path.loss * 100} %`;
  const own = seeds.map((seed) => goodputs(path, { ...AS_NS3, congestion: law }, 1, seconds, seed)[0] ?? 0);
  const { mean } = estimate(own);
  const bound = mathisBound(path);
  let text = `${name}: ours ${estimated(own)}, Mathis ${megabits(bound)}`;
  if (mean > bound) failures.push(`${name}: above the bound`);
  if (program !== null) {
    const ask = (what: string) => ns3Goodputs(program, what, path, 1, seconds, runs).map(([octets = 0]) => octets);
    const theirs = ask(law);
    const ratio = mean / estimate(theirs).mean;
    const shipped = ask(law === 'cubic' ? 'ns3::TcpCubic' : 'ns3::TcpNewReno');
    text += `, ns-3 ${estimated(theirs)}, ours / ns-3 ${ratio.toFixed(2)}; as ns-3 ships it ${estimated(shipped)}`;
    if (Math.abs(ratio - 1) > NEAR_NS3) failures.push(`${name}: ${ratio.toFixed(2)} of ns-3's`);
  }
  console.log(text);
}

function twoFlows(program: string | null, law: Law, path: LossyPath): void {
  const name = `${law.padEnd(7)} two flows over ${path.megabits} Mbit/s`;
  const share = ([one = 0, two = 0]: readonly number[]) => one / (one + two);
  const time = 2 * seconds;
  const own = seeds.map((seed) => share(goodputs(path, { ...AS_NS3, congestion: law }, 2, time, seed)));
  const percent = (values: readonly number[]) => {
    const { mean, half } = estimate(values);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => (100 * value).toFixed(1));
    return `${(100 * mean).toFixed(1)} ± ${(100 * half).toFixed(1)} % (${least} to ${most} %)`;
  };
  const ask = (peer: string) => percent(ns3Goodputs(peer, law, path, 2, time, runs).map(share));
  const theirs = program === null ? '' : `, ns-3 ${ask(program)}`;
  console.log(`${name}, share of the first: ours ${percent(own)}${theirs}`);
  if (Math.abs(2 * estimate(own).mean - 1) > NEAR_EQUAL) failures.push(`${name}: not shared within 10 %`);
}

const folder = mkdtempSync(join(tmpdir(), 'packetwalk-ns3-'));
try {
  const program = buildNs3(folder);
  if (program === null) console.log('ns-3 is not installed (ns3, libns3-dev, g++): ours alone');
  console.log(`goodput in Mbit/s, RTT ${2 * DELAY_MS} ms, mean of ${runs} runs of ${seconds} s and its 95 % interval`);
  for (const law of ['newreno', 'cubic'] as const) {
    for (const rate of [10, 30, 100]) {
      for (const loss of [0.01, 0.02, 0.05]) {
        oneFlow(program, law, { delayMs: DELAY_MS, megabits: rate, loss, queuePackets: 10_000 });
      }
    }
    twoFlows(program, law, { delayMs: DELAY_MS, megabits: 10, loss: 0, queuePackets: 60 });
  }
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
