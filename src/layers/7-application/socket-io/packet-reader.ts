import { type Malformed, malformed } from '../../../wire/reader.ts';
import { decodePacket, type Incomplete, type Packet, withAttachments } from './header.ts';

/** Puts messages together to packets. One packet at most is unfinished, and nothing else may come before it is whole. */
export class PacketReader {
  #incomplete: Incomplete | null = null;
  #attachments: Uint8Array[] = [];

  /** The next message; a packet when it makes one whole, null when attachments are still to come. */
  push(message: string | Uint8Array): Packet | Malformed | null {
    const incomplete = this.#incomplete;
    if (typeof message === 'string') {
      if (incomplete) return malformed(0, 'text came where an attachment was awaited');
      const read = decodePacket(message);
      if ('malformed' in read || read.attachments === 0) return 'malformed' in read ? read : read.packet;
      this.#incomplete = read;
      return null;
    }
    if (!incomplete) return malformed(0, 'octets came where none were awaited');
    this.#attachments.push(message);
    if (this.#attachments.length < incomplete.attachments) return null;
    const attachments = this.#attachments;
    this.forget();
    return withAttachments(incomplete.packet, attachments);
  }

  /** The connection is over: what is unfinished never will be whole. */
  forget(): void {
    this.#incomplete = null;
    this.#attachments = [];
  }
}
