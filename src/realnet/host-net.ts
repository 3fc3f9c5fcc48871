/** The network as the programs of one host have it: their calls on sockets, and who hears what comes of them. */

import { isIP } from 'node:net';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import { type SocketCall, socketCallFile } from '../scenario/socket-spec.ts';
import { formatIp } from '../wire/address.ts';
import type { Session } from '../world/session.ts';
import { systemError } from './system-error.ts';

let made = 0;

export type Ear = (news: SocketNews) => void;

export class HostNet {
  /** Tells this host's connections from all others of the process, in pools that hosts share. */
  readonly identity: string;
  /** The host's own address, which stands for localhost too. */
  readonly address: string;
  readonly #session: Session;
  readonly #host: string;
  readonly #ears = new Map<string, Ear>();
  readonly #numbers = new Map<string, number>();
  /** The simulation was closed, or the host lost its power: nothing goes out or comes in any more. */
  isOver = false;

  constructor(session: Session, host: string, address: string) {
    this.#session = session;
    this.#host = host;
    this.identity = `packetwalk-${++made}-${host}`;
    this.address = address;
  }

  /** `socket-1`, `socket-2` … */
  newName(kind: string): string {
    const number = (this.#numbers.get(kind) ?? 0) + 1;
    this.#numbers.set(kind, number);
    return `${kind}-${number}`;
  }

  call(call: SocketCall): void {
    if (this.isOver) return;
    const node = this.#host;
    this.#session.do({ kind: 'socket', node, call }, { node, do: { socket: socketCallFile(call) } });
  }

  /** What a call has an answer to at once. */
  answer<K extends SocketNews['kind']>(socket: string, ...kinds: readonly K[]) {
    return this.#session.takeNewsOf(this.#host, socket, ...kinds);
  }

  listen(socket: string, ear: Ear): void {
    this.#ears.set(socket, ear);
  }

  forget(socket: string): void {
    this.#ears.delete(socket);
  }

  /** Hands news to whom they are for. */
  tell(news: SocketNews): void {
    if (this.isOver || news.kind === 'crashed') return;
    this.#ears.get(news.kind === 'accepted' ? news.listener : news.socket)?.(news);
  }

  /** From a name to an address, by the host's own means; answers later, as getaddrinfo does. */
  lookUp(name: string, done: (error: NodeJS.ErrnoException | null, address: string) => void): void {
    const known = name === 'localhost' || name === '' ? '127.0.0.1' : isIP(name) > 0 ? name : null;
    if (known !== null) {
      process.nextTick(done, null, known);
      return;
    }
    const as = this.newName('lookup');
    this.listen(as, (news) => {
      this.forget(as);
      if (news.kind === 'found') done(null, formatIp(news.address));
      else done(systemError('getaddrinfo', 'ENOTFOUND', { hostname: name }), '');
    });
    this.call({ name: 'lookup', as, host: name });
  }

  /** Where a program's connection to an address really goes: what it calls localhost is this host. */
  routed(address: string): string {
    return /^(127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(address) ? this.address : address.replace(/^::ffff:/, '');
  }
}
