/** One connection: a real socket at one end, a simulated one at the other, and what becomes of one told to the other. */

import type { Socket } from 'node:net';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import type { LiveRun } from './live-run.ts';

export class TcpBridge {
  readonly #live: LiveRun;
  readonly #node: string;
  readonly #name: string;
  readonly #real: Socket;
  readonly #onOver: (how: string) => void;
  /** TCP of the simulation has not taken over all that the real side wrote. */
  #isFull = false;
  #isPaused = false;
  #isOver = false;

  /** `real` was made with `allowHalfOpen`. */
  constructor(live: LiveRun, node: string, name: string, real: Socket, onOver: (how: string) => void) {
    this.#live = live;
    this.#node = node;
    this.#name = name;
    this.#real = real;
    this.#onOver = onOver;
    real.setNoDelay(true);
    live.listen(node, name, (news) => this.#hear(news));
    real.on('data', (bytes: Buffer) => this.#write(bytes));
    real.on('drain', () => this.#resume());
    real.on('end', () => this.#call('end'));
    real.on('error', () => this.#leave('abort', 'the real side reset it'));
    real.on('close', () => this.#leave('close', 'closed'));
  }

  #write(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#isFull = true;
    this.#live.call(this.#node, { name: 'write', on: this.#name, bytes: Uint8Array.from(bytes) });
    // The news that it drained comes within the call when there is room.
    if (this.#isFull) this.#real.pause();
  }

  #call(name: 'end' | 'pause' | 'resume'): void {
    if (!this.#isOver) this.#live.call(this.#node, { name, on: this.#name });
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#call('resume');
  }

  #hear(news: SocketNews): void {
    switch (news.kind) {
      case 'data':
        if (this.#real.write(Buffer.from(news.bytes)) || this.#isPaused) break;
        this.#isPaused = true;
        this.#call('pause');
        break;
      case 'drained':
        this.#isFull = false;
        this.#real.resume();
        break;
      case 'ended':
        this.#real.end();
        break;
      case 'crashed':
      case 'unknown':
        this.#end('reset', news.kind === 'crashed' ? 'its node crashed' : news.problem);
        break;
      case 'closed':
        if (news.reason === 'finished') this.#end('end', 'closed');
        else this.#end('reset', news.reason);
        break;
      default:
        break;
    }
  }

  /** The simulated side is over. */
  #end(how: 'end' | 'reset', why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#live.forget(this.#node, this.#name);
    if (how === 'end') this.#real.end();
    else this.#real.resetAndDestroy();
    this.#onOver(why);
  }

  /** The real side is over. */
  #leave(how: 'close' | 'abort', why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#live.forget(this.#node, this.#name);
    this.#live.call(this.#node, { name: how, on: this.#name });
    this.#onOver(why);
  }
}
