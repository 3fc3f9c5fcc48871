/** The Echo Protocol (RFC 862): whatever comes goes back, over TCP as a stream, over UDP datagram by datagram. */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices, ServerOptions, Transport } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { sendMessage } from '../send-message.ts';
import { isShortText, quoted } from '../wording.ts';

export interface EchoOptions extends ServerOptions {
  readonly transport: Transport;
}

export function serveEcho(services: AppServices, { name, port, transport }: EchoOptions): void {
  if (transport !== 'udp') services.streams.listen(name, port, (stream) => new EchoConnection(services, stream));
  if (transport !== 'tcp') serveDatagrams(services, name, port);
}

function serveDatagrams(services: AppServices, name: string, port: number): void {
  const { context, ledger, datagrams } = services;
  const socket = datagrams.bind(name, port, {
    onDatagram: (payload, remote, local, carries) => {
      const was = ledger.received('data', name, { transport: 'udp', local, remote }, payload, carries);
      if (isShortText(payload)) ledger.told(name, `echoes ${quoted(payload)}`);
      sendMessage(services, { socket, name, protocol: 'data' }, remote, payload, local.address);
      context.resume(was);
    },
  });
}

class EchoConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #stream: Stream;
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  #hasEnded = false;

  constructor(services: AppServices, stream: Stream) {
    this.#services = services;
    this.#stream = stream;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(services.context, stream, true);
  }

  onReadable(): void {
    this.#pump();
  }

  onDrain(): void {
    this.#outbox.drain();
    this.#pump();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#pump();
  }

  onClose(reason: CloseReason): void {
    this.#outbox.abandon(this.#services.ledger, 'data', reason);
  }

  /** Reads only when all that was read has been written: so a client that does not read is told by its own window. */
  #pump(): void {
    const { context, ledger } = this.#services;
    const { name } = this.#stream;
    while (this.#outbox.isEmpty && this.#stream.readableBytes > 0) {
      const bytes = this.#stream.read();
      const was = ledger.received('data', name, this.#conversation, bytes);
      if (isShortText(bytes)) ledger.told(name, `echoes ${quoted(bytes)}`);
      this.#outbox.write(ledger.made('data', name, this.#conversation, bytes));
      context.resume(was);
    }
    if (this.#hasEnded && this.#outbox.isEmpty && this.#stream.readableBytes === 0) this.#stream.close();
  }
}
