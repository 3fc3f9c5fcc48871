import type { Timer } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';
import type { EventLog } from './event-log.ts';
import type { Json } from './header.ts';
import { Recovery } from './recovery.ts';
import { type Audience, Rooms } from './rooms.ts';
import { ServerSocket, type SocketClient } from './server-socket.ts';

const SWEEP_NS = 60_000_000_000;

/** One namespace of a server: its sockets, their rooms, and what is remembered of those that were lost. */
export class Namespace {
  readonly name: string;
  readonly #log: EventLog;
  readonly #random: Rng;
  readonly #sockets = new Map<string, ServerSocket>();
  readonly #rooms = new Rooms();
  readonly #recovery: Recovery | null;
  readonly #sweep: Timer | null;

  /** `recoverForNs`: null where nothing is remembered. */
  constructor(name: string, log: EventLog, random: Rng, recoverForNs: number | null) {
    this.name = name;
    this.#log = log;
    this.#random = random;
    this.#recovery = recoverForNs === null ? null : new Recovery(recoverForNs);
    const { context } = log.services;
    const sweep = () => {
      this.#recovery?.sweep(context.nowNs);
      this.#sweep?.set(SWEEP_NS);
    };
    this.#sweep = this.#recovery ? context.timer(7, `io.${log.name}${name}`, 'sweep', sweep) : null;
    this.#sweep?.set(SWEEP_NS);
  }

  get socketCount(): number {
    return this.#sockets.size;
  }

  /** A client asks to join. What it missed comes before it is told that it is connected. */
  connect(client: SocketClient, auth: Json | undefined): ServerSocket {
    const { pid, offset } = (typeof auth === 'object' && auth !== null ? auth : {}) as {
      readonly [name: string]: Json;
    };
    const { context } = this.#log.services;
    const restored =
      typeof pid === 'string' && typeof offset === 'string'
        ? this.#recovery?.restore(pid, offset, context.nowNs)
        : null;
    const id = restored?.client.socketId ?? this.#id();
    const privateId = this.#recovery ? (restored?.client.privateId ?? this.#id()) : null;
    const socket = new ServerSocket(this.#log, this, client, id, privateId);
    this.#sockets.set(id, socket);
    this.#rooms.join(id, id);
    for (const room of restored?.client.rooms ?? []) this.#rooms.join(id, room);
    for (const data of restored?.missed ?? []) socket.resend(data);
    this.#tell(id, restored ? 'a client is back' : 'a client connects');
    socket.confirm(restored?.missed.length ?? null);
    return socket;
  }

  join(socket: ServerSocket, room: string): void {
    this.#rooms.join(socket.id, room);
    this.#tell(socket.id, `it joins ${room}`);
  }

  /** Emits to all of an audience that are connected, and keeps the event for those who may come back. */
  emit(audience: Audience, event: string, args: readonly Json[], isVolatile: boolean): void {
    const data = [event, ...args];
    const { context } = this.#log.services;
    const kept = this.#recovery && !isVolatile ? this.#recovery.keep(audience, data, context.nowNs) : data;
    for (const id of this.#rooms.select(audience)) this.#sockets.get(id)?.send(kept, isVolatile);
  }

  /** A socket has gone. `isRecoverable`: by no will of its own or ours. */
  leave(socket: ServerSocket, isRecoverable: boolean, because: string): void {
    if (this.#sockets.get(socket.id) !== socket) return;
    const { id, privateId } = socket;
    if (isRecoverable && privateId !== null) {
      const { nowNs } = this.#log.services.context;
      this.#recovery?.lost({ socketId: id, privateId, rooms: this.#rooms.roomsOf(id) }, nowNs);
    }
    this.#sockets.delete(id);
    this.#rooms.leaveAll(id);
    this.#tell(id, because);
  }

  #id(): string {
    return Buffer.from(this.#random.bytes(15)).toString('base64url');
  }

  #tell(id: string, because: string): void {
    this.#log.measured(this.#log.name, `clients${this.name === '/' ? '' : this.name}`, this.#sockets.size);
    const rooms = this.#rooms.roomsOf(id).filter((room) => room !== id);
    const row = this.#sockets.has(id) ? { namespace: this.name, rooms: rooms.join(' ') } : null;
    this.#log.tabled(`io.${this.#log.name}.sockets`, id, row, because);
  }
}
