/** Puts options into segments that leave: what SYNs offer, timestamps in all others, SACK blocks in as far as they fit. */

import { putU32 } from '../../../wire/writer.ts';
import type { Pdu } from '../../pdu.ts';
import { ACK, RST } from './header.ts';
import { synOptions } from './negotiation.ts';
import {
  GREATEST_SACK_BLOCKS,
  type SynOptions,
  sackBytes,
  synOptionBytes,
  TIMESTAMPS_BYTES,
  writeSackHead,
  writeSynOptions,
  writeTimestamps,
} from './options.ts';
import type { TcpProfile } from './profile.ts';
import type { Receiver } from './receive.ts';
import type { SackBlocks } from './sack.ts';
import type { Timestamps } from './timestamps.ts';

/** What SACK blocks leave to data: of two ends that have gaps each waits for what the other one sends. */
const LEAST_DATA_BYTES = 8;

export class OptionWriter {
  /** The options of the peer's SYN; null until it came. */
  theirs: SynOptions | null = null;
  readonly #profile: TcpProfile;
  readonly #timestamps: Timestamps;
  readonly #receiver: Receiver;

  constructor(profile: TcpProfile, timestamps: Timestamps, receiver: Receiver) {
    this.#profile = profile;
    this.#timestamps = timestamps;
    this.#receiver = receiver;
  }

  /** How much data a segment that leaves now may hold, of `roomBytes` behind its header (RFC 6691): one octet at least. */
  dataBytesWithin(roomBytes: number): number {
    const waiting = this.#receiver.sack?.count ?? 0;
    const sack = waiting > 0 ? sackBytes(this.#blocksWithin(roomBytes - LEAST_DATA_BYTES, waiting)) : 0;
    return Math.max(1, roomBytes - this.#timestampBytes - sack);
  }

  /** Seals the options of a SYN, or of the SYN-ACK to the peer's; returns their length. */
  sealSyn(pdu: Pdu, isAnswer: boolean, ownMssBytes: number): number {
    const { value, recent } = this.#timestamps;
    const options = synOptions(this.#profile, ownMssBytes, value, recent, isAnswer ? this.theirs : null);
    const octets = synOptionBytes(options);
    writeSynOptions(pdu.bytes, pdu.seal(octets), options);
    return octets;
  }

  /** Timestamps in every segment (RFC 7323 section 3.2), as many SACK blocks as there is room for beside the data. */
  seal(pdu: Pdu, flags: number, dataBytes: number, segments: { readonly roomBytes: number }): number {
    const sack = (flags & (ACK | RST)) === ACK ? this.#receiver.sack : null;
    const waiting = sack?.count ?? 0;
    const blocks = waiting > 0 ? this.#blocksWithin(segments.roomBytes - dataBytes, waiting) : 0;
    let octets = sack && blocks > 0 ? this.#sealSack(pdu, sack, blocks) : 0;
    if (this.#timestamps.isOn) {
      writeTimestamps(pdu.bytes, pdu.seal(TIMESTAMPS_BYTES), this.#timestamps.value, this.#timestamps.recent);
      octets += TIMESTAMPS_BYTES;
    }
    return octets;
  }

  #sealSack(pdu: Pdu, sack: SackBlocks, blocks: number): number {
    const receiver = this.#receiver;
    const octets = sackBytes(blocks);
    const at = pdu.seal(octets);
    writeSackHead(pdu.bytes, at, blocks);
    for (let index = 0; index < blocks; index++) {
      putU32(pdu.bytes, at + 4 + 8 * index, receiver.sequenceOf(sack.startOf(index)));
      putU32(pdu.bytes, at + 8 + 8 * index, receiver.sequenceOf(sack.endOf(index)));
    }
    sack.onReported();
    return octets;
  }

  #blocksWithin(roomBytes: number, waiting: number): number {
    const most = this.#timestamps.isOn ? GREATEST_SACK_BLOCKS - 1 : GREATEST_SACK_BLOCKS;
    const fitting = Math.floor((roomBytes - this.#timestampBytes - 4) / 8);
    return Math.max(0, Math.min(waiting, most, fitting));
  }

  get #timestampBytes(): number {
    return this.#timestamps.isOn ? TIMESTAMPS_BYTES : 0;
  }
}
