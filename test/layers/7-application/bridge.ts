/** Real libraries on simulated hosts: a Node stream at one end, a simulated connection at the other. */

import { Duplex } from 'node:stream';
import type { Endpoint, Stream, StreamUser } from '../../../src/layers/4-transport/service.ts';
import type { AppServices } from '../../../src/layers/7-application/app-services.ts';
import type { Star } from './star.ts';

/** What a library takes for a socket. */
class Bridge extends Duplex {
  stream: Stream | null = null;
  #isUp = false;
  #rest = new Uint8Array(0);
  #done: () => void = () => {};

  get user(): StreamUser {
    return {
      onOpen: () => this.up(),
      onReadable: () => {
        while (this.stream && this.stream.readableBytes > 0) this.push(Buffer.from(this.stream.read()));
      },
      onDrain: () => this.#send(),
      onEnd: () => {
        this.push(null);
        this.stream?.close();
      },
      onClose: () => {
        if (!this.destroyed) this.destroy();
      },
    };
  }

  up(): void {
    this.#isUp = true;
    this.#send();
    this.emit('connect');
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#rest = new Uint8Array(chunk);
    this.#done = done;
    this.#send();
  }

  override _final(done: () => void): void {
    this.stream?.end();
    done();
  }

  override _destroy(_error: Error | null, done: () => void): void {
    this.stream?.close();
    done();
  }

  /** The next chunk comes when the stream has taken all of this one. */
  #send(): void {
    if (!this.#isUp || this.#rest.length === 0) return;
    this.#rest = this.#rest.slice(this.stream?.write(this.#rest) ?? 0);
    if (this.#rest.length > 0) return;
    const done = this.#done;
    this.#done = () => {};
    done();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }
}

export function connectBridge({ streams }: AppServices, remote: Endpoint): Duplex {
  const bridge = new Bridge();
  bridge.stream = streams.connect('library', remote, bridge.user, { noDelay: true });
  return bridge;
}

export function listenBridge({ streams }: AppServices, port: number, onConnection: (stream: Duplex) => void): void {
  streams.listen('library', port, (stream) => {
    const bridge = new Bridge();
    bridge.stream = stream;
    bridge.up();
    onConnection(bridge);
    return bridge.user;
  });
}

/** Lets virtual time pass, and the library do what it does meanwhile. */
export async function passing(star: Star, virtualNs: number): Promise<void> {
  const untilNs = star.kernel.nowNs + virtualNs;
  while (star.kernel.nowNs < untilNs) {
    star.run(Math.min(untilNs, star.kernel.nowNs + 20_000_000));
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}
