/** The Discard Protocol (RFC 863): reads and throws away. A slow one lets data pile up in front of it. */

import type { Context } from '../../../kernel/context.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices, ServerOptions, Transport } from '../app-services.ts';
import type { Conversation, Ledger } from '../ledger.ts';
import { ENDED, isShortText, octets, quoted } from '../wording.ts';

export interface SinkOptions extends ServerOptions {
  readonly transport: Transport;
  /**
   * Octets a second that it reads of a TCP connection; null: whatever is there, at once. Datagrams are always read at
   * once: UDP keeps no buffer that could fill.
   */
  readonly readBytesPerSecond: number | null;
}

/** A slow reader reads a tenth of a second's octets at a time, or a single one less often. */
const READS_A_SECOND = 10;
const SECOND_NS = 1_000_000_000;

export function serveSink(services: AppServices, options: SinkOptions): void {
  const { name, port, transport, readBytesPerSecond } = options;
  if (transport !== 'udp') {
    services.streams.listen(name, port, (stream) => new SinkConnection(services, stream, readBytesPerSecond));
  }
  if (transport === 'tcp') return;
  const { context, ledger } = services;
  services.datagrams.bind(name, port, {
    onDatagram: (payload, remote, local, carries) => {
      const was = ledger.received('data', name, { transport: 'udp', local, remote }, payload, carries);
      if (isShortText(payload)) ledger.told(name, `received ${quoted(payload)}`);
      context.resume(was);
    },
  });
}

class SinkConnection implements StreamUser {
  // What every read asks for comes first and lies together.
  readonly #stream: Stream;
  readonly #ledger: Ledger;
  readonly #context: Context;
  #receivedBytes = 0;
  #hasEnded = false;
  readonly #nextRead: Timer | null;
  readonly #conversation: Conversation;
  readonly #sliceBytes: number;
  readonly #intervalNs: number;

  constructor({ context, ledger }: AppServices, stream: Stream, readBytesPerSecond: number | null) {
    this.#stream = stream;
    this.#ledger = ledger;
    this.#context = context;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    const rate = readBytesPerSecond ?? 0;
    this.#sliceBytes = Math.max(1, Math.floor(rate / READS_A_SECOND));
    this.#intervalNs = rate === 0 ? 0 : Math.round((this.#sliceBytes * SECOND_NS) / rate);
    this.#nextRead = rate === 0 ? null : context.timer(7, stream.name, 'read', () => this.#read(this.#sliceBytes));
  }

  onReadable(): void {
    if (!this.#nextRead) this.#read(this.#stream.readableBytes);
    else if (!this.#nextRead.isSet) this.#nextRead.set(this.#intervalNs);
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#finish();
  }

  onClose(reason: CloseReason): void {
    this.#nextRead?.clear();
    if (reason === 'finished') return;
    this.#ledger.told(this.#stream.name, `${this.#total()}, then the connection ${ENDED[reason]}`);
  }

  #read(atMost: number): void {
    // Without a journal nobody will see the octets, and they need not be handed out.
    if (this.#context.recording || !this.#stream.skip) this.#readSome(atMost);
    else {
      const skipped = this.#stream.skip(atMost);
      this.#receivedBytes += skipped;
      this.#ledger.skipped(skipped);
    }
    if (this.#stream.readableBytes > 0) this.onReadable();
    else this.#finish();
  }

  #readSome(atMost: number): void {
    const { name } = this.#stream;
    const bytes = this.#stream.read(atMost);
    if (bytes.length === 0) return;
    this.#receivedBytes += bytes.length;
    const was = this.#ledger.received('data', name, this.#conversation, bytes);
    if (isShortText(bytes)) this.#ledger.told(name, `read ${quoted(bytes)}`);
    this.#context.resume(was);
  }

  #finish(): void {
    if (!this.#hasEnded || this.#stream.readableBytes > 0) return;
    this.#hasEnded = false;
    this.#ledger.told(this.#stream.name, `${this.#total()}, and the other side has no more`);
    this.#stream.close();
  }

  #total(): string {
    return `received ${octets(this.#receivedBytes)} in all`;
  }
}
