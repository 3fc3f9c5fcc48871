/** Sends octets of anybody's making to a server, and keeps what comes back. */

import type { CloseReason, Stream } from '../../../src/layers/4-transport/service.ts';
import type { AppServices } from '../../../src/layers/7-application/app-services.ts';

export class RawClient {
  /** What came back, as hex. */
  answer = '';
  /** How the connection ended; null: it is up. */
  ended: CloseReason | 'end of file' | null = null;
  readonly #stream: Stream;
  #isUp = false;
  #rest = new Uint8Array(0);

  constructor({ streams }: AppServices, address: number, port: number) {
    this.#stream = streams.connect(
      'raw',
      { address, port },
      {
        onOpen: () => {
          this.#isUp = true;
          this.send('');
        },
        onDrain: () => this.send(''),
        onReadable: () => {
          this.answer += Buffer.from(this.#stream.read()).toString('hex');
        },
        onEnd: () => {
          this.ended = 'end of file';
          this.#stream.close();
        },
        onClose: (reason) => {
          this.ended ??= reason;
        },
      },
    );
  }

  /** Hex, blanks allowed. */
  send(hex: string): this {
    this.#rest = new Uint8Array(Buffer.concat([this.#rest, Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')]));
    if (this.#isUp && this.#rest.length > 0) this.#rest = this.#rest.slice(this.#stream.write(this.#rest));
    return this;
  }
}
