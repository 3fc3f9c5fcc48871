import { type EventLog, eventName, eventText } from './event-log.ts';
import type { Json, Packet } from './header.ts';
import type { Namespace } from './namespace.ts';

/** The client that a socket belongs to; sockets of several namespaces may share it. */
export interface SocketClient {
  readonly isWritable: boolean;
  send(packet: Packet): void;
  /** The socket has left its namespace. */
  left(socket: ServerSocket): void;
}

/** One client in one namespace, at the server. What it is sent while it is away is lost, unless it is kept for recovery. */
export class ServerSocket {
  readonly id: string;
  /** By which it is known again after it was lost; null where nothing is remembered. */
  readonly privateId: string | null;
  readonly namespace: Namespace;
  readonly #log: EventLog;
  readonly #client: SocketClient;
  #isConnected = false;

  constructor(log: EventLog, namespace: Namespace, client: SocketClient, id: string, privateId: string | null) {
    this.id = id;
    this.privateId = privateId;
    this.namespace = namespace;
    this.#log = log;
    this.#client = client;
  }

  /** Tells the client that it is connected. `missed`: how many events it got back; null: it is a new one. */
  confirm(missed: number | null): void {
    this.#isConnected = true;
    const data = this.privateId === null ? { sid: this.id } : { sid: this.id, pid: this.privateId };
    this.#send('CONNECT', data);
    const { name } = this.namespace;
    const how =
      missed === null ? 'connects' : `is back, ${missed === 1 ? '1 event' : `${missed} events`} had been missed`;
    this.#log.told(`a client ${how}${name === '/' ? '' : ` (${name})`}`);
  }

  /** An event that it missed. */
  resend(data: readonly Json[]): void {
    this.#send('EVENT', data);
  }

  send(data: readonly Json[], isVolatile: boolean): void {
    if (!isVolatile || this.#client.isWritable) {
      this.#send('EVENT', data);
      return;
    }
    const packet: Packet = { type: 'EVENT', namespace: this.namespace.name, id: null, data };
    this.#log.dropped(packet, 'volatile', 'the transport does not take it now');
  }

  acknowledge(id: number, args: readonly Json[]): void {
    this.#client.send({ type: 'ACK', namespace: this.namespace.name, id, data: args });
  }

  /** An event that came; what is to be done about it is the application's. */
  received(packet: Packet): { readonly name: string; readonly args: readonly Json[] } {
    const [, ...args] = packet.data as readonly Json[];
    const name = eventName(packet);
    this.#log.count('received', name);
    this.#log.told(`received ${eventText(name, args)}`);
    return { name, args };
  }

  /** The namespace was left, or the connection lost. */
  onGone(reason: string, isRecoverable: boolean): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.namespace.leave(this, isRecoverable, reason);
    this.#client.left(this);
    const { name } = this.namespace;
    this.#log.told(`a client is gone${name === '/' ? '' : ` (${name})`}: ${reason}`);
  }

  #send(type: 'CONNECT' | 'EVENT', data: Json): void {
    this.#client.send({ type, namespace: this.namespace.name, id: null, data });
  }
}
