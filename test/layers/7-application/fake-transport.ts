/**
 * A transport without a network: streams and datagrams between hosts in memory, in virtual time. Octets arrive in pieces
 * whose sizes the test chooses, so that an application that takes a piece for a message is found out.
 */

import { Context } from '../../../src/kernel/context.ts';
import { type Entry, Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type {
  CloseReason,
  DatagramErrorKind,
  DatagramService,
  DatagramSocket,
  DatagramUser,
  Endpoint,
  Listener,
  Stream,
  StreamService,
  StreamUser,
} from '../../../src/layers/4-transport/service.ts';
import type { AppServices } from '../../../src/layers/7-application/app-services.ts';
import { Ledger } from '../../../src/layers/7-application/ledger.ts';
import type { IpAddress } from '../../../src/wire/address.ts';

export interface FakeOptions {
  /** One way. */
  readonly delayNs?: number;
  /** The size of the next piece that arrives, from 1 on. */
  readonly pieceBytes?: () => number;
  readonly sendBufferBytes?: number;
  readonly receiveBufferBytes?: number;
  /** The datagrams (from 0 on) that get lost. */
  readonly loses?: (datagram: number) => boolean;
  readonly recording?: boolean;
  readonly seed?: string;
}

export class FakeWorld {
  readonly journal: Journal;
  readonly kernel: Kernel;
  readonly options: FakeOptions;
  readonly hosts = new Map<IpAddress, FakeHost>();
  datagrams = 0;

  constructor(options: FakeOptions = {}) {
    this.options = options;
    this.journal = new Journal(options.recording ?? true);
    this.kernel = new Kernel(options.seed ?? '1', this.journal);
  }

  host(node: string, address: IpAddress): FakeHost {
    const host = new FakeHost(this, node, address);
    this.hosts.set(address, host);
    return host;
  }

  run(): void {
    for (let steps = 0; this.kernel.step(); steps++) if (steps > 1_000_000) throw new Error('it does not end');
  }

  runUntil(ns: number): void {
    while (this.kernel.nextNs <= ns) this.kernel.step();
    this.kernel.idleUntil(ns);
  }

  /** Sentences that the applications of a node said. */
  told(node: string): string[] {
    return this.of(node).flatMap(({ event }) => (event.kind === 'app' ? [event.text] : []));
  }

  of(node: string): Entry[] {
    return this.journal.entries.filter((entry) => entry.node === node);
  }

  /** Layer 7 messages of a node, as latin1 text. */
  messages(node: string, kind: 'encoded' | 'decoded' | 'dropped', protocol: string): string[] {
    return this.of(node).flatMap(({ event }) =>
      event.kind === kind && event.layer === 7 && event.protocol === protocol
        ? [Buffer.from(event.bytes).toString('latin1')]
        : [],
    );
  }
}

export class FakeHost implements StreamService, DatagramService {
  readonly world: FakeWorld;
  readonly address: IpAddress;
  readonly context: Context;
  readonly ledger: Ledger;
  readonly listeners = new Map<number, { name: string; accept: (stream: Stream) => StreamUser }>();
  readonly sockets = new Map<number, DatagramUser>();
  readonly names = new Map<string, number>();
  hasRoute = true;
  #ports = 49_152;

  constructor(world: FakeWorld, node: string, address: IpAddress) {
    this.world = world;
    this.address = address;
    this.context = new Context(world.kernel, node);
    this.ledger = new Ledger(this.context);
  }

  /** What applications are handed. */
  get services(): AppServices {
    return { context: this.context, ledger: this.ledger, streams: this, datagrams: this };
  }

  connect(name: string, remote: Endpoint, user: StreamUser): Stream {
    const { kernel, options, hosts } = this.world;
    const local = { address: this.address, port: this.#ports++ };
    const stream = new FakeStream(this.world, this.#unique(name), local, remote);
    stream.user = user;
    kernel.after(options.delayNs ?? 0, () => {
      const host = hosts.get(remote.address);
      const listener = host?.listeners.get(remote.port);
      if (!host || !listener) {
        kernel.after(options.delayNs ?? 0, () => stream.die('refused'));
        return;
      }
      const peer = new FakeStream(this.world, host.#unique(listener.name), remote, local);
      peer.peer = stream;
      kernel.after(options.delayNs ?? 0, () => {
        stream.peer = peer;
        stream.user?.onOpen?.();
        peer.user = listener.accept(peer);
        stream.pump();
        peer.pump();
      });
    });
    return stream;
  }

  listen(name: string, port: number, accept: (stream: Stream) => StreamUser): Listener {
    this.listeners.set(port, { name, accept });
    return { port, close: () => this.listeners.delete(port) };
  }

  bind(_name: string, port: number, user: DatagramUser): DatagramSocket {
    const own = port === 0 ? this.#ports++ : port;
    this.sockets.set(own, user);
    return {
      port: own,
      send: (to, payload, carries = []) => {
        this.#send({ address: this.address, port: own }, to, payload, carries);
        return true;
      },
      close: () => this.sockets.delete(own),
    };
  }

  sourceTowards(): IpAddress | null {
    return this.hasRoute ? this.address : null;
  }

  /** A datagram as anyone could send it, with any source. */
  receive(from: Endpoint, port: number, payload: Uint8Array): void {
    this.sockets.get(port)?.onDatagram(payload, from, { address: this.address, port }, []);
  }

  #send(from: Endpoint, to: Endpoint, payload: Uint8Array, carries: readonly number[]): void {
    const { kernel, options, hosts } = this.world;
    if (options.loses?.(this.world.datagrams++)) return;
    const bytes = payload.slice();
    kernel.after(options.delayNs ?? 0, () => {
      const user = hosts.get(to.address)?.sockets.get(to.port);
      if (user) user.onDatagram(bytes, from, to, carries);
      else if (hosts.has(to.address)) {
        kernel.after(options.delayNs ?? 0, () => this.error(from.port, to, 'port-unreachable'));
      }
    });
  }

  error(port: number, to: Endpoint, kind: DatagramErrorKind): void {
    this.sockets.get(port)?.onDatagramError?.(to, kind);
  }

  #unique(name: string): string {
    const count = (this.names.get(name) ?? 0) + 1;
    this.names.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}

export class FakeStream implements Stream {
  readonly name: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  user: StreamUser | null = null;
  peer: FakeStream | null = null;
  /** Sizes of the writes that were taken whole or in part. */
  readonly writes: number[] = [];
  readonly #world: FakeWorld;
  #out: number[] = [];
  #in: number[] = [];
  #inFlight = 0;
  #wasCutShort = false;
  #isPumping = false;
  #hasEnded = false;
  #endArrived = false;
  #isDeaf = false;
  #isDead = false;

  constructor(world: FakeWorld, name: string, local: Endpoint, remote: Endpoint) {
    this.#world = world;
    this.name = name;
    this.local = local;
    this.remote = remote;
  }

  get unacknowledgedBytes(): number {
    return this.#out.length;
  }

  get writableBytes(): number {
    return this.#isDead || this.#hasEnded ? 0 : (this.#world.options.sendBufferBytes ?? 65_536) - this.#out.length;
  }

  get readableBytes(): number {
    return this.#in.length;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.writableBytes);
    this.#wasCutShort = taken < bytes.length;
    for (const octet of bytes.subarray(0, taken)) this.#out.push(octet);
    this.writes.push(taken);
    this.pump();
    return taken;
  }

  read(atMost = Number.POSITIVE_INFINITY): Uint8Array {
    const bytes = Uint8Array.from(this.#in.splice(0, Math.min(atMost, this.#in.length)));
    this.peer?.pump();
    return bytes;
  }

  end(): void {
    this.#hasEnded = true;
    this.pump();
  }

  close(): void {
    if (this.#in.length > 0) this.#reset();
    else {
      this.#isDeaf = true;
      this.end();
    }
  }

  abort(): void {
    const { peer } = this;
    this.die('aborted');
    peer?.die('reset');
  }

  die(reason: CloseReason): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#out = [];
    this.user?.onClose?.(reason);
  }

  /** Brings the next piece over, one after another. */
  pump(): void {
    const { peer } = this;
    const { kernel, options } = this.#world;
    if (this.#isPumping || this.#isDead || !peer?.user) return;
    const room = (options.receiveBufferBytes ?? 65_536) - peer.#in.length - this.#inFlight;
    const size = Math.min(Math.max(1, options.pieceBytes?.() ?? 1460), this.#out.length, room);
    if (size <= 0 && !(this.#hasEnded && this.#out.length === 0 && !peer.#endArrived)) return;
    this.#isPumping = true;
    this.#inFlight = Math.max(size, 0);
    kernel.after(options.delayNs ?? 0, () => {
      this.#isPumping = false;
      const piece = this.#out.splice(0, this.#inFlight);
      this.#inFlight = 0;
      if (this.#isDead) return;
      peer.#arrive(piece, this);
      this.#tellOfRoom();
      this.pump();
    });
  }

  #arrive(piece: number[], from: FakeStream): void {
    if (this.#isDead) return;
    if (piece.length > 0 && this.#isDeaf) {
      this.#reset();
      return;
    }
    if (piece.length > 0) {
      this.#in.push(...piece);
      this.user?.onReadable?.();
    } else if (from.#hasEnded && !this.#endArrived) {
      this.#endArrived = true;
      this.user?.onEnd?.();
    }
    if (this.#endArrived && from.#endArrived) {
      this.die('finished');
      from.die('finished');
    }
  }

  #tellOfRoom(): void {
    if (!this.#wasCutShort || this.writableBytes === 0) return;
    this.#wasCutShort = false;
    this.user?.onDrain?.();
  }

  #reset(): void {
    const { peer } = this;
    this.die('finished');
    peer?.die('reset');
  }
}
