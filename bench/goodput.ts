/**
 * How much one flow gets through a lossy path, and how two share one: ours, ns-3's where it is installed (Debian: ns3,
 * libns3-dev, g++), and the bound of Mathis et al. (1997). `npm run bench -- goodput [--runs 4] [--seconds 100]`.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RFC_PROFILE, type TcpProfile } from '../src/layers/4-transport/tcp/profile.ts';
import { MS, makeRig, runUntil, SECOND } from '../test/rig.ts';

const DELAY_MS = 25;
const MSS_BYTES = 1460;

interface Case {
  readonly congestion: 'newreno' | 'cubic';
  readonly megabits: number;
  readonly loss: number;
  readonly flows: number;
  readonly queuePackets: number;
}

const words = process.argv.slice(2);
const option = (name: string, standard: number) => Number(words[words.indexOf(name) + 1] ?? 0) || standard;
const runs = words.includes('--runs') ? option('--runs', 4) : 4;
const seconds = words.includes('--seconds') ? option('--seconds', 100) : 100;

/** As ns-3 has it: SACK without timestamps, proportional rate reduction, RTO of 1 s at least. */
const PROFILE: TcpProfile = {
  ...RFC_PROFILE,
  sack: true,
  proportionalRate: true,
  windowScale: true,
  receiveBufferBytes: 2_000_000,
  sendBufferBytes: 2_000_000,
};

/** Octets a second of each flow. */
function ours({ congestion, megabits, loss, flows, queuePackets }: Case, seed: number): number[] {
  const rig = makeRig({
    seed: String(seed),
    aToB: {
      delayNs: DELAY_MS * MS,
      bitsPerSecond: megabits * 1_000_000,
      queue: { packets: queuePackets },
      loss: { kind: 'uniform', perMillion: loss * 1_000_000 },
    },
    bToA: { delayNs: DELAY_MS * MS, bitsPerSecond: megabits * 1_000_000, queue: { packets: queuePackets } },
    profile: { ...PROFILE, congestion },
  });
  const received: number[] = [];
  const octets = new Uint8Array(65_536);
  for (let flow = 0; flow < flows; flow++) {
    received.push(0);
    rig.b.tcp.listen('sink', 9 + flow, (stream) => ({
      onReadable: () => {
        for (let read = stream.read(); read.length > 0; read = stream.read()) {
          received[flow] = (received[flow] ?? 0) + read.length;
        }
      },
    }));
    const start = () => {
      const pump = () => {
        while (stream.write(octets) > 0);
      };
      const to = { address: rig.b.address, port: 9 + flow };
      const stream = rig.a.tcp.connect('x', to, { onOpen: pump, onDrain: pump });
    };
    rig.kernel.after(flow * MS, start);
  }
  runUntil(rig.kernel, seconds * SECOND);
  return received.map((count) => count / seconds);
}

const folder = mkdtempSync(join(tmpdir(), 'packetwalk-ns3-'));

/** The program, built; null where ns-3 is not installed. */
function buildPeer(): string | null {
  const program = join(folder, 'goodput');
  const libraries = ['applications', 'internet', 'point-to-point', 'traffic-control', 'network', 'core'];
  const source = join(process.cwd(), 'bench/peers/ns3/goodput.cc');
  const flags = ['-O2', '-DNDEBUG', '-std=c++17', '-o', program, source, ...libraries.map((name) => `-lns3-${name}`)];
  return spawnSync('g++', flags).status === 0 ? program : null;
}

/** Octets a second of each flow, run by run. */
function peers(program: string, { congestion, megabits, loss, flows, queuePackets }: Case): number[][] {
  const { stdout } = spawnSync(
    program,
    [
      `--congestion=ns3::${congestion === 'cubic' ? 'TcpCubic' : 'TcpNewReno'}`,
      ...[`--rate=${megabits}Mbps`, `--delay=${DELAY_MS}ms`, `--loss=${loss}`, `--flows=${flows}`],
      ...[`--queue=${queuePackets}`, `--runs=${runs}`, `--seconds=${seconds}`],
    ],
    { encoding: 'utf8' },
  );
  const lines = stdout.trim().split('\n');
  return lines.map((line) => line.split(' ').map((count) => Number(count) / seconds));
}

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const megabitsOf = (octets: number) => ((octets * 8) / 1e6).toFixed(2).padStart(7);
const seeds = Array.from({ length: runs }, (_, index) => index + 1);

try {
  const program = buildPeer();
  if (program === null) console.log('ns-3 is not installed (ns3, libns3-dev, g++): ours alone');
  console.log(`goodput in Mbit/s, RTT ${2 * DELAY_MS} ms, ${runs} runs of ${seconds} s: mean and median`);
  for (const congestion of ['newreno', 'cubic'] as const) {
    for (const megabits of [10, 100]) {
      for (const loss of [0.01, 0.02, 0.05]) {
        const path = { congestion, megabits, loss, flows: 1, queuePackets: 10_000 };
        const own = seeds.map((seed) => ours(path, seed)[0] ?? 0);
        const theirs = program === null ? [] : peers(program, path).map(([first = 0]) => first);
        // A delayed ACK stands for two segments: C is 1.22 / sqrt(2).
        const mathis = ((MSS_BYTES / (2 * DELAY_MS)) * 1000 * Math.sqrt(1.5)) / Math.sqrt(loss);
        const bound = Math.min(mathis, (megabits * 1e6) / 8);
        const ratio = theirs.length > 0 ? `, ours / ns-3 ${(median(own) / median(theirs)).toFixed(2)}` : '';
        const other = theirs.length > 0 ? `ns-3 ${megabitsOf(mean(theirs))} ${megabitsOf(median(theirs))}` : '';
        const name = `${congestion.padEnd(7)} ${String(megabits).padStart(3)} Mbit/s, loss ${loss * 100} %`;
        console.log(
          `${name}: ours ${megabitsOf(mean(own))} ${megabitsOf(median(own))}  ${other}${ratio}; Mathis ${megabitsOf(bound)}`,
        );
      }
    }
    const shared = { congestion, megabits: 10, loss: 0, flows: 2, queuePackets: 60 };
    const shares = seeds.map((seed) => ours(shared, seed));
    const other = program === null ? [] : peers(program, shared);
    const text = (list: readonly (readonly number[])[]) =>
      list.map(([one = 0, two = 0]) => `${((100 * one) / (one + two)).toFixed(1)} %`).join(' ');
    console.log(
      `${congestion.padEnd(7)} two flows over 10 Mbit/s, share of the first: ours ${text(shares)}; ns-3 ${text(other)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
