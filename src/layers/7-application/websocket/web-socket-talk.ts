import type { Stream } from '../../4-transport/service.ts';
import type { WebSocketDialogue } from '../../5-session/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { isShortText, quoted } from '../wording.ts';

/** A WebSocket as an application keeps its books of it: what it said and heard, one message at a time. */
export class WebSocketTalk {
  readonly #services: AppServices;
  readonly #name: string;
  readonly #conversation: Conversation;
  readonly dialogue: WebSocketDialogue;

  constructor(services: AppServices, stream: Stream, dialogue: WebSocketDialogue) {
    this.#services = services;
    this.#name = stream.name;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.dialogue = dialogue;
  }

  /** False: it waits for room. On a dialogue that is not open it is dropped. */
  send(message: Uint8Array, isText: boolean): boolean {
    const { context, ledger } = this.#services;
    if (!this.dialogue.isOpen) {
      ledger.dropped('data', this.#name, message, 'closed', 'the WebSocket is not open');
      ledger.told(this.#name, `cannot send ${quoted(message)}: the WebSocket is not open`);
      return false;
    }
    if (isShortText(message)) ledger.told(this.#name, `sends ${quoted(message)}`);
    const { carries } = ledger.made('data', this.#name, this.#conversation, message);
    const [entry] = carries;
    const was = entry === undefined ? null : context.because(entry);
    const hasRoom = this.dialogue.send(message, isText, carries);
    if (entry !== undefined) context.resume(was);
    return hasRoom;
  }

  /** A message came. It is the cause of what follows; returns the cause until now. */
  received(message: Uint8Array): number | null {
    const { ledger } = this.#services;
    const was = ledger.received('data', this.#name, this.#conversation, message);
    if (isShortText(message)) ledger.told(this.#name, `received ${quoted(message)}`);
    return was;
  }

  over(code: number, reason: Uint8Array): void {
    const why = isShortText(reason) ? `, ${quoted(reason)}` : '';
    this.#services.ledger.told(this.#name, `the WebSocket is closed: ${code}${why}`);
  }
}
