/** permessage-deflate (RFC 7692 section 7): each message compressed for itself, in one context or in one of its own. */

import type { Compression, DeflateParameters } from '../../5-session/service.ts';
import { Deflater } from './deflate.ts';
import { Inflater } from './inflate.ts';

/** What the sender took from the end of each message (section 7.2.1), to be put back before decoding (7.2.2). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

export function permessageDeflate(parameters: DeflateParameters, role: 'client' | 'server'): Compression {
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const isServer = role === 'server';
  const ownBits = isServer ? serverMaxWindowBits : clientMaxWindowBits;
  const deflater = new Deflater(!(isServer ? serverNoContextTakeover : clientNoContextTakeover), ownBits);
  const inflater = new Inflater(!(isServer ? clientNoContextTakeover : serverNoContextTakeover));
  return {
    compress: (message) => deflater.deflate(message),
    decompress: (message, maxBytes) => {
      const whole = new Uint8Array(message.length + TAIL.length);
      whole.set(message);
      whole.set(TAIL, message.length);
      return inflater.inflate(whole, maxBytes);
    },
  };
}
