/**
 * What bulk flows from one host to another get through: on this stack, and on ns-3's (`bench/peers/ns3/goodput.cc`, which
 * says why ns-3's own congestion controls are not what is compared with). Frames of data are lost at random, ACKs are not.
 *
 * Both sides: SACK, no timestamps, proportional rate reduction, RTO of 1 s at least, ten segments of 1,460 octets to begin
 * with, every segment acknowledged, room for 2,000,000 octets at both ends.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { RFC_PROFILE, type TcpProfile } from '../src/layers/4-transport/tcp/profile.ts';
import { MS, makeRig, runUntil, SECOND } from './rig.ts';

export interface LossyPath {
  readonly delayMs: number;
  readonly megabits: number;
  /** Chance that a frame towards the receiver is lost, 0 to 1. */
  readonly loss: number;
  readonly queuePackets: number;
}

export const AS_NS3: TcpProfile = {
  ...RFC_PROFILE,
  sack: true,
  keepsSackAfterTimeout: true,
  proportionalRate: true,
  delayedAck: false,
  windowScale: true,
  receiveBufferBytes: 2_000_000,
  sendBufferBytes: 2_000_000,
};
const MSS_BYTES = 1460;
/** Bits on the wire of a full segment: preamble, Ethernet, IP and TCP headers, FCS and gap besides. */
const FRAME_BITS = (MSS_BYTES + 40 + 38) * 8;

/** Octets a second of each flow; a second one begins within the first second. */
export function goodputs(path: LossyPath, profile: TcpProfile, flows: number, seconds: number, seed: number): number[] {
  const { delayMs, megabits, loss, queuePackets } = path;
  const way = { delayNs: delayMs * MS, bitsPerSecond: megabits * 1_000_000, queue: { packets: queuePackets } };
  const aToB = { ...way, loss: { kind: 'uniform' as const, perMillion: loss * 1_000_000 } };
  const rig = makeRig({ seed: String(seed), aToB, bToA: way, profile });
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
    rig.kernel.after(flow === 0 ? 0 : ((seed * 389) % 1000) * MS, start);
  }
  runUntil(rig.kernel, seconds * SECOND);
  return received.map((count) => count / seconds);
}

/** Builds the program that asks ns-3, into a folder; null where ns-3 (Debian: ns3, libns3-dev) or g++ is not installed. */
export function buildNs3(folder: string): string | null {
  const program = join(folder, 'goodput');
  const libraries = ['applications', 'internet', 'point-to-point', 'traffic-control', 'network', 'core'];
  const source = join(process.cwd(), 'bench/peers/ns3/goodput.cc');
  const flags = ['-O2', '-DNDEBUG', '-std=c++17', '-o', program, source, ...libraries.map((name) => `-lns3-${name}`)];
  return spawnSync('g++', flags).status === 0 ? program : null;
}

/** Octets a second of each flow, run by run, on ns-3. `law`: `newreno`, `cubic`, or the name of what ns-3 ships. */
export function ns3Goodputs(
  program: string,
  law: string,
  { delayMs, megabits, loss, queuePackets }: LossyPath,
  flows: number,
  seconds: number,
  runs: number,
): number[][] {
  const { stdout } = spawnSync(
    program,
    [
      ...[`--congestion=${law}`, `--rate=${megabits}Mbps`, `--delay=${delayMs}ms`, `--loss=${loss}`],
      ...[`--flows=${flows}`, `--queue=${queuePackets}`, `--runs=${runs}`, `--seconds=${seconds}`],
    ],
    { encoding: 'utf8' },
  );
  const lines = stdout.trim().split('\n');
  return lines.map((line) => line.split(' ').map((count) => Number(count) / seconds));
}

/**
 * Octets a second at most, after Mathis, Semke, Mahdavi and Ott (1997): MSS / RTT * C / sqrt(p), where C is 1.31 if losses
 * are random and every segment is acknowledged (table 1). The RTT is that of an empty queue.
 */
export function mathisBound({ delayMs, megabits, loss }: LossyPath): number {
  const rttSeconds = (2 * delayMs) / 1000 + FRAME_BITS / (megabits * 1e6);
  return Math.min(((MSS_BYTES / rttSeconds) * 1.31) / Math.sqrt(loss), (megabits * 1e6) / 8);
}

/** The mean, and half of the interval in which it lies with 95 %: 1.96 standard errors. */
export function estimate(values: readonly number[]): { readonly mean: number; readonly half: number } {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, half: 1.96 * Math.sqrt(variance / values.length) };
}
