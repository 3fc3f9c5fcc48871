/** A server of anybody's making: it says what it is told to when somebody connects, and keeps what it hears. */

import type { Stream } from '../../../src/layers/4-transport/service.ts';
import type { AppServices } from '../../../src/layers/7-application/app-services.ts';

/** Octets as hex, and how long after the connection, or after what was said before. */
export type Said = readonly [waitNs: number, hex: string | 'end' | 'abort'];

export class RawServer {
  /** What each connection said, as hex. */
  readonly heard: string[] = [];
  /** How many have ended. */
  ended = 0;

  /** `says`: of the first connection, of the second … */
  constructor({ streams, context }: AppServices, port: number, says: readonly (readonly Said[])[]) {
    streams.listen('raw', port, (stream) => {
      const number = this.heard.push('') - 1;
      let atNs = 0;
      for (const [waitNs, hex] of says[number] ?? []) {
        atNs += waitNs;
        context.after(atNs, () => say(stream, hex));
      }
      return {
        onReadable: () => {
          this.heard[number] += Buffer.from(stream.read()).toString('hex');
        },
        onEnd: () => stream.close(),
        onClose: () => this.ended++,
      };
    });
  }
}

function say(stream: Stream, hex: string): void {
  if (hex === 'end') stream.close();
  else if (hex === 'abort') stream.abort();
  else stream.write(Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')));
}
