/**
 * A client's connection to a broker, with the one channel that it opens. When it breaks it is opened again one second
 * later. (RabbitMQ's client for Node does not do that by itself: programs wrap it in something that does.)
 */

import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason } from '../../4-transport/service.ts';
import { MAX_AMQP_FRAME_BYTES } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';
import { ENDED } from '../wording.ts';
import type { BasicProperties } from './content.ts';
import type { Content } from './content-assembly.ts';
import { connectFrames, type FrameStream, type FrameUser } from './frame-stream.ts';
import type { Table, TableValue } from './header.ts';
import type { Arguments, Method } from './methods.ts';
import { AmqpProblem, REPLY } from './reply.ts';

const RECONNECT_NS = 1_000_000_000;
const HANDSHAKE_TIMEOUT_NS = 30_000_000_000;
const CHANNEL = 1;
const CHANNEL_MAX = 2047;

type State = 'new' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface ChannelUser {
  /** The channel is open. */
  onUp(): void;
  onMethod(method: Method, content: Content | null): void;
  onRoom(): void;
  /** The connection is lost; another one is tried. */
  onLost(): void;
  /** It is over: the broker closed the channel, or there is nobody of that name. */
  onRefused(): void;
}

const CLIENT_PROPERTIES: Table = new Map<string, TableValue>([
  ['product', 'packetwalk'],
  [
    'capabilities',
    new Map<string, TableValue>([
      ['publisher_confirms', true],
      ['consumer_cancel_notify', true],
      ['basic.nack', true],
    ]),
  ],
]);

export class ClientConnection {
  readonly name: string;
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #host: string;
  readonly #port: number;
  readonly #user: ChannelUser;
  readonly #reconnect: Timer;
  readonly #handshake: Timer;
  #frames: FrameStream | null = null;
  #state: State = 'new';

  constructor(
    services: AppServices,
    lookup: Lookup,
    name: string,
    { host, port }: { readonly host: string; readonly port: number },
    user: ChannelUser,
  ) {
    this.#services = services;
    this.#lookup = lookup;
    this.name = name;
    this.#host = host;
    this.#port = port;
    this.#user = user;
    const timer = (what: string, run: () => void) => services.context.timer(7, `queue.${name}`, what, run);
    this.#reconnect = timer('reconnect', () => this.connect());
    this.#handshake = timer('handshake', () => this.#frames?.abort());
  }

  get isUp(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get hasRoom(): boolean {
    return this.#frames?.hasRoom ?? false;
  }

  connect(): void {
    this.#become('connecting', 'it is wanted');
    this.#lookup.find(this.#host, (answer) => {
      if (this.#state !== 'connecting' || this.#frames) return;
      if ('problem' in answer) {
        this.tell(`cannot connect to ${this.#host}: ${answer.problem}`);
        this.#refuse(answer.problem);
        return;
      }
      this.#handshake.set(HANDSHAKE_TIMEOUT_NS);
      const remote = { address: answer.address, port: this.#port };
      const user = this.#userOf(() => frames);
      const frames: FrameStream = connectFrames(this.#services, this.name, remote, user);
      this.#frames = frames;
    });
  }

  send(method: Method): void {
    this.#frames?.sendMethod(CHANNEL, method);
  }

  sendContent(method: Method, properties: BasicProperties, body: Uint8Array, carries: readonly number[]): void {
    this.#frames?.sendContent(CHANNEL, method, properties, body, carries);
  }

  /** `connection.close`, and no new try. */
  close(because: string): void {
    const frames = this.#frames;
    if (this.#state === 'open') frames?.sendMethod(0, { name: 'connection.close', args: CLOSE });
    this.#end(because);
    frames?.close();
  }

  /** The program dies: the system resets its connection, and there is no new try. */
  abort(because: string): void {
    const frames = this.#frames;
    this.#end(because);
    frames?.abort();
  }

  /** The node has crashed. */
  crash(): void {
    this.#become('closed', 'the node crashed');
  }

  tell(text: string): number | null {
    const { context } = this.#services;
    if (!context.recording) return null;
    return context.record({ kind: 'app', layer: 7, machine: `queue.${this.name}`, text });
  }

  /** What one connection tells; what an old one still says is not heard. */
  #userOf(own: () => FrameStream): FrameUser {
    const isCurrent = () => this.#frames === own();
    return {
      onMethod: (channel, method, content) => {
        if (isCurrent()) this.#onMethod(channel, method, content);
      },
      onProblem: (problem) => {
        if (isCurrent()) this.#onProblem(problem);
      },
      onRoom: () => {
        if (isCurrent() && this.isUp) this.#user.onRoom();
      },
      onGone: (reason) => {
        if (isCurrent()) this.#onGone(reason);
      },
    };
  }

  #onMethod(channel: number, method: Method, content: Content | null): void {
    switch (method.name) {
      case 'connection.start':
        this.#send0({
          name: 'connection.start-ok',
          args: {
            clientProperties: CLIENT_PROPERTIES,
            mechanism: 'PLAIN',
            response: new TextEncoder().encode('\0guest\0guest'),
            locale: 'en_US',
          },
        });
        break;
      case 'connection.tune':
        this.#onTune(method.args);
        break;
      case 'connection.open-ok':
        this.send({ name: 'channel.open', args: { outOfBand: '' } });
        break;
      case 'channel.open-ok':
        this.#handshake.clear();
        this.tell('connected');
        this.#become('open', 'channel.open-ok');
        this.#user.onUp();
        break;
      case 'connection.close':
        this.tell(`the broker closes the connection: ${method.args.replyCode} ${method.args.replyText}`);
        this.#send0({ name: 'connection.close-ok', args: {} });
        break;
      case 'channel.close':
        this.tell(`the broker closes the channel: ${method.args.replyCode} ${method.args.replyText}`);
        this.send({ name: 'channel.close-ok', args: {} });
        this.#refuse('the broker closed the channel');
        break;
      default:
        if (channel === CHANNEL && this.isUp) this.#user.onMethod(method, content);
        else this.#onProblem(new AmqpProblem(REPLY.commandInvalid, `${method.name} at this time`));
    }
  }

  #onTune({ channelMax, frameMax, heartbeat }: Arguments<'connection.tune'>): void {
    const least = (offered: number, own: number) => (offered === 0 ? own : Math.min(offered, own));
    const args = {
      channelMax: least(channelMax, CHANNEL_MAX),
      frameMax: least(frameMax, MAX_AMQP_FRAME_BYTES),
      heartbeat,
    };
    this.#send0({ name: 'connection.tune-ok', args });
    this.#frames?.tune(args.frameMax, heartbeat);
    this.#send0({ name: 'connection.open', args: { virtualHost: '/', capabilities: '', insist: false } });
  }

  #onProblem({ code, text }: AmqpProblem): void {
    this.tell(`closes the connection: ${code} ${text}`);
    this.#frames?.abort();
  }

  #onGone(reason: CloseReason): void {
    this.#frames = null;
    this.#handshake.clear();
    const because = `the connection ${ENDED[reason]}`;
    this.tell(`${because}; tries again in 1 s`);
    this.#become('waiting', because);
    this.#user.onLost();
    this.#reconnect.set(RECONNECT_NS);
  }

  #refuse(because: string): void {
    this.close(because);
    this.#user.onRefused();
  }

  #end(because: string): void {
    this.#frames = null;
    this.#handshake.clear();
    this.#reconnect.clear();
    this.#become('closed', because);
  }

  #send0(method: Method): void {
    this.#frames?.sendMethod(0, method);
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    const { context } = this.#services;
    if (!context.recording || from === to) return;
    const machine = `queue.${this.name}`;
    context.record({ kind: 'state', layer: 7, protocol: 'amqp', machine, from, to, because });
  }
}

const CLOSE = { replyCode: REPLY.success, replyText: 'Goodbye', classId: 0, methodId: 0 } as const;
