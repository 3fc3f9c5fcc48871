/** The record layer (RFC 8446 section 5): octets of a stream into records, opened, and contents into sealed ones. */

import { joined } from '../../../wire/octets.ts';
import {
  CONTENT,
  MAX_CIPHERTEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  RECORD_HEADER_BYTES,
  readRecordHeader,
  TlsProblem,
  writeRecordHeader,
} from './header.ts';
import { type RecordCipher, TAG_BYTES } from './record-cipher.ts';

export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
  /** As it came. */
  readonly record: Uint8Array;
}

export class RecordLayer {
  reading: RecordCipher | null = null;
  writing: RecordCipher | null = null;
  /** Until the handshake is over alerts may come in the clear: their sender may not have the keys yet. */
  isOpen = false;
  /** The first ClientHello has been sent, or has come: only then ChangeCipherSpec means nothing. */
  hasBegun = false;
  #arrived: Uint8Array = new Uint8Array(0);
  #hasSentHello = false;

  push(bytes: Uint8Array): void {
    this.#arrived = this.#arrived.length === 0 ? bytes.slice() : joined(this.#arrived, bytes);
  }

  /** Octets of a record that has not come whole. */
  get partial(): Uint8Array {
    return this.#arrived;
  }

  /** The next whole record; null while there is none. ChangeCipherSpec is left out: it means nothing (section 5). */
  next(): OpenedRecord | TlsProblem | null {
    for (;;) {
      if (this.#arrived.length < RECORD_HEADER_BYTES) return null;
      const header = readRecordHeader(this.#arrived, 0);
      if ('malformed' in header) return new TlsProblem('unexpected_message', `no record: ${header.malformed}`);
      // The limit counts before anything is kept.
      const limit = header.type === CONTENT.applicationData ? MAX_CIPHERTEXT_BYTES : MAX_PLAINTEXT_BYTES;
      if (header.length > limit) return new TlsProblem('record_overflow', `a record of ${header.length} octets`);
      const end = RECORD_HEADER_BYTES + header.length;
      if (this.#arrived.length < end) return null;
      const record = this.#arrived.slice(0, end);
      this.#arrived = this.#arrived.slice(end);
      if (header.type !== CONTENT.changeCipherSpec) return this.#open(header.type, record);
      const isPlain = record.length === RECORD_HEADER_BYTES + 1 && record[RECORD_HEADER_BYTES] === 1;
      if (!isPlain || this.isOpen || !this.hasBegun) {
        return new TlsProblem('unexpected_message', 'a ChangeCipherSpec out of place');
      }
    }
  }

  /** Records that carry a content, in parts of at most 2^14 octets. */
  seal(type: number, content: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = [];
    let at = 0;
    do {
      records.push(this.#sealOne(type, content.subarray(at, at + MAX_PLAINTEXT_BYTES)));
      at += MAX_PLAINTEXT_BYTES;
    } while (at < content.length);
    return records;
  }

  #sealOne(type: number, content: Uint8Array): Uint8Array {
    if (this.writing && type !== CONTENT.changeCipherSpec) return this.writing.seal(type, content);
    const record = new Uint8Array(RECORD_HEADER_BYTES + content.length);
    // Section 5.1: the first ClientHello may say 1.0, for the sake of old middleboxes; all others say 1.2.
    const version = this.#hasSentHello || content[0] !== 1 ? 0x0303 : 0x0301;
    this.#hasSentHello = true;
    writeRecordHeader(record, 0, type, version, content.length);
    record.set(content, RECORD_HEADER_BYTES);
    return record;
  }

  #open(outer: number, record: Uint8Array): OpenedRecord | TlsProblem {
    const isClear = !this.reading || (outer === CONTENT.alert && !this.isOpen);
    if (isClear && outer === CONTENT.applicationData) {
      return new TlsProblem('unexpected_message', 'protected data before there are keys');
    }
    if (!isClear && outer !== CONTENT.applicationData) {
      return new TlsProblem('unexpected_message', 'a record in the clear where all are protected');
    }
    const opened = isClear
      ? { type: outer, content: record.subarray(RECORD_HEADER_BYTES) }
      : (this.reading?.open(record) ?? null);
    if (!opened) return new TlsProblem('bad_record_mac', 'a record was changed on its way, or sealed with another key');
    const { type, content } = opened;
    // Section 5.4: padding counts, and the octet of the type.
    const isTooLong = isClear
      ? content.length > MAX_PLAINTEXT_BYTES
      : record.length - RECORD_HEADER_BYTES - TAG_BYTES > MAX_PLAINTEXT_BYTES + 1;
    if (isTooLong) return new TlsProblem('record_overflow', 'a record holds too much');
    if (type !== CONTENT.alert && type !== CONTENT.handshake && type !== CONTENT.applicationData) {
      return new TlsProblem('unexpected_message', `a record of content type ${type}`);
    }
    if (content.length === 0 && type !== CONTENT.applicationData) {
      return new TlsProblem('unexpected_message', 'an empty record where there must be something');
    }
    return { type, content, record };
  }
}
