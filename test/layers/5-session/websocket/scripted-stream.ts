/** A stream whose other side is the test: what it sends is put in, what is written is looked at. */

import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { Stream, StreamUser } from '../../../../src/layers/4-transport/service.ts';
import type { WebSocketDialogue, WebSocketOptions, WebSocketUser } from '../../../../src/layers/5-session/service.ts';
import { WebSockets } from '../../../../src/layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../../../../src/layers/6-presentation/presentation.ts';

class ScriptedStream implements Stream {
  readonly name = 'feed';
  readonly local = { address: 2, port: 80 };
  readonly remote = { address: 1, port: 49_152 };
  user: StreamUser | null = null;
  /** Octets that it takes before it is full. */
  roomBytes = Number.POSITIVE_INFINITY;
  ended = false;
  closed = false;
  aborted = false;
  #in: number[] = [];
  readonly #out: Uint8Array[] = [];

  get unacknowledgedBytes(): number {
    return 0;
  }

  get writableBytes(): number {
    return this.ended ? 0 : this.roomBytes;
  }

  get readableBytes(): number {
    return this.#in.length;
  }

  get written(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#out));
  }

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.writableBytes);
    this.#out.push(bytes.slice(0, taken));
    this.roomBytes -= taken;
    return taken;
  }

  read(atMost = Number.POSITIVE_INFINITY): Uint8Array {
    return Uint8Array.from(this.#in.splice(0, Math.min(atMost, this.#in.length)));
  }

  end(): void {
    this.ended = true;
  }

  close(): void {
    this.closed = true;
  }

  abort(): void {
    this.aborted = true;
  }

  arrive(bytes: Uint8Array): void {
    for (const octet of bytes) this.#in.push(octet);
    this.user?.onReadable?.();
  }
}

export interface Rig {
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly stream: ScriptedStream;
  readonly dialogue: WebSocketDialogue;
  /** What the user was told, in words. */
  readonly told: string[];
  readonly messages: (string | Uint8Array)[];
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** One end of a WebSocket whose other end is the test. `onMessage` may answer. */
export function webSocketRig(
  options: WebSocketOptions,
  onMessage: (dialogue: WebSocketDialogue, message: Uint8Array, isText: boolean) => void = () => {},
  recording = true,
): Rig {
  const journal = new Journal(recording);
  const kernel = new Kernel('1', journal);
  const stream = new ScriptedStream();
  const told: string[] = [];
  const messages: (string | Uint8Array)[] = [];
  const user: WebSocketUser = {
    onMessage: (message, isText) => {
      messages.push(isText ? text(message) : message);
      onMessage(dialogue, message, isText);
    },
    onPing: (payload) => told.push(`ping ${text(payload)}`),
    onPong: (payload) => told.push(`pong ${text(payload)}`),
    onDrain: () => told.push('drain'),
    onClose: (code, reason) => told.push(`close ${code} ${text(reason)}`.trimEnd()),
  };
  const dialogue = new WebSockets(new Context(kernel, 'a'), PRESENTATION).open(stream, options, user);
  stream.user = dialogue;
  return { kernel, journal, stream, dialogue, told, messages };
}
