/** A run in real time with some of its cables' ends carried by standard input and output or by Unix sockets. */

import { createServer, type Server, type Socket } from 'node:net';
import { FrameChannel } from '../gateway/frame-channel.ts';
import { type FrameKind, FrameProblem } from '../gateway/frame-reader.ts';
import { PacketPort } from '../gateway/packet-port.ts';
import { RealTime } from '../gateway/real-time.ts';
import type { Run } from '../index.ts';
import type { OpenEnd } from '../scenario/open-end.ts';
import { BadInput, Interrupted, quoted, systemProblem, UsageError } from './failure.ts';
import type { Interrupt } from './interrupt.ts';

export interface Carried extends OpenEnd {
  /** The path of a Unix socket; null: standard input and output. */
  readonly socket: string | null;
}

interface AttachmentOptions {
  readonly kind: FrameKind;
  /** The run is stopped after so many events; null: never. */
  readonly mostEvents: number | null;
}

/** After the end of the input answers may still be on their way: for so long, in real time, they are waited for. */
const LINGER_MS = 1000;

export class Attachment {
  readonly #run: Run;
  readonly #ends: readonly Carried[];
  readonly #options: AttachmentOptions;
  readonly #time: RealTime;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #channels: FrameChannel[] = [];
  #fail: (error: unknown) => void = () => {};
  #finish: () => void = () => {};

  constructor(run: Run, ends: readonly Carried[], options: AttachmentOptions) {
    this.#run = run;
    this.#ends = ends;
    this.#options = options;
    this.#time = new RealTime(run, { untilNs: run.scenario.untilNs });
  }

  /** Until the input ends, a reader goes away, a signal comes or the time is over. */
  async carry(interrupt: Interrupt, say: (text: string) => Promise<void>): Promise<void> {
    const over = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    // A failure may come before anybody waits for it.
    over.catch(() => {});
    const limit = this.#watchEvents();
    try {
      for (const end of this.#ends) await this.#open(end, say);
      const signal = await Promise.race([interrupt.signalled, over, this.#time.ended]);
      if (signal) throw new Interrupted(signal, `interrupted ${this.#summary()}`);
      await say(`ended ${this.#summary()}`);
    } finally {
      clearInterval(limit);
      await this.#close();
    }
  }

  async #open(end: Carried, say: (text: string) => Promise<void>): Promise<void> {
    const { node, interface: name } = end.at;
    const cable = this.#run.outsideEnd(end.end);
    const plug = this.#run.scenario.nodes
      .find((each) => each.name === node)
      ?.interfaces.find((each) => each.name === name);
    if (!cable || !plug) throw new Error(`no cable ends at ${node}:${name}`);
    const isPacket = this.#options.kind === 'packet';
    const channel = new FrameChannel(
      isPacket ? new PacketPort(cable, plug.mac) : cable,
      this.#options.kind,
      this.#time,
    );
    this.#channels.push(channel);
    if (end.socket === null) this.#onStdio(channel);
    else await this.#listen(end.socket, channel);
    const where = end.socket === null ? 'standard input and output' : `the socket ${quoted(end.socket)}`;
    await say(`${node}:${name} carries ${isPacket ? 'IP packets' : 'Ethernet frames'} on ${where}`);
  }

  #onStdio(channel: FrameChannel): void {
    const { stdin, stdout } = process;
    channel.plug(stdout);
    stdout.once('error', this.#fail);
    stdin.once('error', this.#fail);
    stdin.on('data', (octets: Buffer) => this.#take(channel, octets, '<stdin>'));
    stdin.once('end', () => {
      if (this.#tells(() => channel.endInput(), '<stdin>')) return;
      const nothingLeft = this.#run.nextNs === Number.POSITIVE_INFINITY;
      setTimeout(this.#finish, nothingLeft ? 0 : LINGER_MS);
    });
  }

  async #listen(path: string, channel: FrameChannel): Promise<void> {
    let current: Socket | null = null;
    const server = createServer((socket) => {
      // One bridge at a time: the latest.
      current?.destroy();
      current = socket;
      this.#sockets.add(socket);
      channel.plug(socket);
      socket.on('data', (octets: Buffer) => {
        if (current === socket) this.#take(channel, octets, path);
      });
      socket.once('error', () => socket.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        if (current === socket) channel.plug(null);
      });
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new UsageError(`cannot listen at ${quoted(path)}: ${systemProblem(error)}`, 'give another path')),
      );
      server.listen(path, resolve);
    });
  }

  #take(channel: FrameChannel, octets: Buffer, name: string): void {
    this.#tells(() => channel.push(octets), name);
  }

  /** Whether something was wrong, which then ends the whole. */
  #tells(work: () => void, name: string): boolean {
    try {
      work();
      return false;
    } catch (error) {
      if (!(error instanceof FrameProblem)) this.#fail(error);
      else this.#fail(new BadInput(`${name}:0x${error.offset.toString(16)}: error ${error.code}: ${error.message}`));
      return true;
    }
  }

  #watchEvents(): NodeJS.Timeout | undefined {
    const { mostEvents } = this.#options;
    if (mostEvents === null) return undefined;
    return setInterval(() => {
      if (this.#run.happened < mostEvents) return;
      this.#fail(new UsageError(`stopped ${this.#summary()}: --max-events ${mostEvents} have happened`));
    }, 50);
  }

  #summary(): string {
    const sum = (count: (channel: FrameChannel) => number) =>
      this.#channels.reduce((total, channel) => total + count(channel), 0);
    const dropped = sum((channel) => channel.framesDropped);
    const seconds = (this.#run.nowNs / 1e9).toFixed(1);
    const lost = dropped > 0 ? `, ${dropped} dropped as nobody took them` : '';
    return `after ${seconds} s: ${sum((channel) => channel.framesIn)} frames in, ${sum((channel) => channel.framesOut)} out${lost}`;
  }

  async #close(): Promise<void> {
    this.#time.stop();
    process.stdin.pause();
    process.stdin.unref?.();
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) {
      await new Promise((resolve) => server.close(resolve));
    }
  }
}
