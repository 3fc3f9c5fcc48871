/**
 * TLS records of a run, and what each of them holds: opened with the secrets that the ends had, as whoever has the key
 * log does. Grown entry by entry; a record is opened when somebody asks for it.
 */

import type { Entry } from '../kernel/journal.ts';
import { CONTENT, HANDSHAKE, RECORD_HEADER_BYTES } from '../layers/6-presentation/tls/header.ts';
import { openSealed, renewed, type Seal, suiteOf } from '../layers/dissect/sealed-record.ts';
import { countUpTo } from './sorted.ts';

export interface TlsRecord {
  /** The entry that made it. */
  readonly seq: number;
  readonly node: string;
  /** `tls.talk`. */
  readonly machine: string;
  readonly isFromClient: boolean;
  /** As it goes over the wire, header included. */
  readonly bytes: Uint8Array;
  /** What it holds. */
  readonly content: Uint8Array;
  /** 20 ChangeCipherSpec, 21 alert, 22 handshake, 23 data: the true one, which protection hides. */
  readonly type: number;
  readonly isProtected: boolean;
}

/** What is needed to open a record again. */
interface Kept {
  readonly seq: number;
  readonly isFromClient: boolean;
  /** null: in the clear. */
  readonly seal: Seal | null;
}

/** One end of a connection. */
interface End {
  isClient: boolean | null;
  random: string | null;
  suite: Seal['suite'] | null;
  /** Of what it sends: the name of the secret that protects it, the secret, and how many records it has protected. */
  label: 'HANDSHAKE_TRAFFIC_SECRET' | 'TRAFFIC_SECRET_0';
  secret: Uint8Array | null;
  count: number;
}

export class RecordLog {
  readonly #entries: readonly Entry[];
  readonly #ends = new Map<string, End>();
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #kept: Kept[] = [];
  readonly #seqs: number[] = [];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  add({ seq, node, event }: Entry): void {
    if (event.kind === 'table') {
      const { table, key, row } = event.change;
      if (table === 'tls.secrets' && row) this.#secrets.set(key, octets(String(row.secret)));
      return;
    }
    if (event.kind === 'state') {
      // A connection begins: its machine may have had another one before.
      if (event.protocol === 'tls' && event.from === 'none') this.#ends.set(`${node} ${event.machine}`, freshEnd());
      return;
    }
    if ((event.kind !== 'encoded' && event.kind !== 'decoded') || event.protocol !== 'tls') return;
    const end = this.#ends.get(`${node} ${event.via}`);
    if (!end) return;
    const isSent = event.kind === 'encoded';
    const isClear = isSent && event.bytes[0] !== CONTENT.applicationData;
    if (end.suite === null && (isClear || !isSent)) {
      this.#learn(end, isSent ? event.bytes.subarray(RECORD_HEADER_BYTES) : event.bytes, isSent);
    }
    if (isSent) this.#sent(end, seq, event.bytes, isClear);
  }

  /** Of the hellos, which are in the clear: who is who, which connection it is, and how it is protected. */
  #learn(end: End, message: Uint8Array, isSent: boolean): void {
    const [type] = message;
    if (type === HANDSHAKE.clientHello) {
      end.isClient = isSent;
      end.random = Buffer.from(message.subarray(6, 38)).toString('hex');
    } else if (type === HANDSHAKE.serverHello) {
      const at = 39 + (message[38] ?? 0);
      const id = ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
      end.suite = suiteOf(id);
    }
  }

  #sent(end: End, seq: number, bytes: Uint8Array, isClear: boolean): void {
    const isFromClient = end.isClient ?? true;
    if (isClear) {
      this.#keep({ seq, isFromClient, seal: null });
      return;
    }
    end.secret ??= this.#secretOf(end);
    const { suite, secret, count } = end;
    if (!suite || !secret) return;
    const seal = { suite, secret, count };
    this.#keep({ seq, isFromClient, seal });
    end.count++;
    const opened = openSealed(seal, bytes);
    if (opened?.type !== CONTENT.handshake) return;
    const [message] = opened.content;
    if (message === HANDSHAKE.finished) {
      // It is made only now, and known when it is needed.
      end.label = 'TRAFFIC_SECRET_0';
      end.secret = null;
      end.count = 0;
    } else if (message === HANDSHAKE.keyUpdate) {
      end.secret = renewed(secret);
      end.count = 0;
    }
  }

  #secretOf({ isClient, random, label }: End): Uint8Array | null {
    return this.#secrets.get(`${isClient ? 'CLIENT' : 'SERVER'}_${label} ${random}`) ?? null;
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#seqs.push(kept.seq);
  }

  /** The record that an entry made; null: it made none. */
  recordOf(seq: number): TlsRecord | null {
    const at = countUpTo(this.#seqs, seq) - 1;
    return this.#seqs[at] === seq ? this.#open(this.#kept[at] as Kept) : null;
  }

  /** The last one that was made up to a moment; null: there is none. */
  lastUntil(seq: number): TlsRecord | null {
    const kept = this.#kept[countUpTo(this.#seqs, seq) - 1];
    return kept ? this.#open(kept) : null;
  }

  #open({ seq, isFromClient, seal }: Kept): TlsRecord | null {
    const entry = this.#entries[seq];
    if (entry?.event.kind !== 'encoded') return null;
    const { bytes, via = '' } = entry.event;
    const known = { seq, node: entry.node, machine: via, isFromClient, bytes };
    if (!seal) {
      const type = bytes[0] ?? 0;
      return { ...known, content: bytes.subarray(RECORD_HEADER_BYTES), type, isProtected: false };
    }
    const opened = openSealed(seal, bytes);
    return opened && { ...known, ...opened, isProtected: true };
  }
}

function freshEnd(): End {
  const label = 'HANDSHAKE_TRAFFIC_SECRET';
  return { isClient: null, random: null, suite: null, label, secret: null, count: 0 };
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
