/** One connection to the broker: the handshake, then its channels, until one side closes. */

import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import { MAX_AMQP_FRAME_BYTES } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import { ENDED } from '../wording.ts';
import type { QueueBroker } from './broker.ts';
import { BrokerChannel } from './broker-channel.ts';
import type { Content } from './content-assembly.ts';
import { FrameStream, type FrameUser, unexpected } from './frame-stream.ts';
import { MIN_FRAME_BYTES, type Table, type TableValue } from './header.ts';
import { type Arguments, METHODS, type Method } from './methods.ts';
import { AmqpProblem, REPLY } from './reply.ts';

/** RabbitMQ's numbers. */
const CHANNEL_MAX = 2047;
const HEARTBEAT_SECONDS = 60;
const HANDSHAKE_TIMEOUT_NS = 10_000_000_000;

type State = 'protocol' | 'start' | 'tune' | 'open' | 'up' | 'closing' | 'over';

const CAPABILITIES: Table = new Map<string, TableValue>([
  ['publisher_confirms', true],
  ['basic.nack', true],
  ['consumer_cancel_notify', true],
]);

const SERVER_PROPERTIES: Table = new Map<string, TableValue>([
  ['product', 'packetwalk'],
  ['version', '0.1'],
  ['capabilities', CAPABILITIES],
]);

export class BrokerConnection implements FrameUser {
  readonly #services: AppServices;
  readonly #broker: QueueBroker;
  readonly #frames: FrameStream;
  readonly #timer: Timer;
  readonly #channels = new Map<number, BrokerChannel>();
  /** Channels that the broker closed and whose `channel.close-ok` has not come. */
  readonly #closing = new Set<number>();
  #state: State = 'protocol';

  constructor(services: AppServices, broker: QueueBroker, stream: Stream) {
    this.#services = services;
    this.#broker = broker;
    this.#frames = new FrameStream(services, stream, this);
    this.#timer = services.context.timer(7, `amqp.${stream.name}`, 'handshake', () => {
      services.ledger.told(this.#frames.name, 'the handshake took too long');
      this.#frames.abort();
    });
    this.#timer.set(HANDSHAKE_TIMEOUT_NS);
  }

  /** Who uses the stream. */
  get user(): StreamUser {
    return this.#frames.user;
  }

  onProtocolHeader(): void {
    this.#state = 'start';
    const text = (value: string) => new TextEncoder().encode(value);
    this.#send(0, {
      name: 'connection.start',
      args: {
        versionMajor: 0,
        versionMinor: 9,
        serverProperties: SERVER_PROPERTIES,
        mechanisms: text('PLAIN'),
        locales: text('en_US'),
      },
    });
  }

  onMethod(channel: number, method: Method, content: Content | null, entry: number | null): void {
    if (this.#state === 'closing') {
      if (method.name === 'connection.close-ok') this.#over('connection.close');
      return;
    }
    const problem = channel === 0 ? this.#onConnection(method) : this.#onChannel(channel, method, content, entry);
    if (problem) this.onProblem(problem, channel, method);
  }

  /** A soft problem closes its channel, a hard one the connection. */
  onProblem(problem: AmqpProblem, channel: number, method?: Method): void {
    if (this.#state === 'over' || this.#state === 'closing') return;
    const { ledger } = this.#services;
    const { code, text } = problem;
    if (this.#state === 'protocol') {
      // "If the server cannot support the protocol … it MUST respond with a valid protocol header and then close."
      ledger.told(this.#frames.name, `closes the connection: ${text}`);
      this.#frames.sendProtocolHeader();
      this.#over(text);
      return;
    }
    const args = { replyCode: code, replyText: text, ...idOf(method) };
    if (!problem.isHard && channel > 0 && this.#channels.has(channel)) {
      ledger.told(this.#frames.name, `closes channel ${channel}, ${code} ${text}`);
      this.#send(channel, { name: 'channel.close', args });
      this.#endChannel(channel, text);
      this.#closing.add(channel);
      return;
    }
    ledger.told(this.#frames.name, `closes the connection, ${code} ${text}`);
    this.#send(0, { name: 'connection.close', args });
    this.#endChannels(text);
    // Octets that are no frame leave nothing to wait for.
    if (problem.code === REPLY.frameError) this.#over(text);
    else this.#state = 'closing';
    this.#timer.set(HANDSHAKE_TIMEOUT_NS);
  }

  onRoom(): void {
    for (const channel of this.#channels.values()) channel.pump();
  }

  onGone(reason: CloseReason): void {
    this.#state = 'over';
    this.#timer.clear();
    this.#endChannels(`the connection ${ENDED[reason]}`);
  }

  #onConnection(method: Method): AmqpProblem | null {
    const { name } = method;
    if (name === 'connection.close' && this.#state !== 'start') {
      this.#send(0, { name: 'connection.close-ok', args: {} });
      this.#over('connection.close');
      return null;
    }
    if (name === 'connection.start-ok' && this.#state === 'start') return this.#onStartOk(method.args);
    if (name === 'connection.tune-ok' && this.#state === 'tune') return this.#onTuneOk(method.args);
    if (name === 'connection.open' && this.#state === 'open') {
      if (method.args.virtualHost !== '/') {
        return new AmqpProblem(REPLY.notAllowed, `vhost ${method.args.virtualHost} not found`);
      }
      this.#state = 'up';
      this.#timer.clear();
      this.#send(0, { name: 'connection.open-ok', args: { knownHosts: '' } });
      return null;
    }
    return unexpected(method, 'on channel 0 at this time');
  }

  #onStartOk({ mechanism }: Arguments<'connection.start-ok'>): AmqpProblem | null {
    if (mechanism !== 'PLAIN') return new AmqpProblem(REPLY.notAllowed, `the mechanism ${mechanism} is not offered`);
    this.#state = 'tune';
    const args = { channelMax: CHANNEL_MAX, frameMax: MAX_AMQP_FRAME_BYTES, heartbeat: HEARTBEAT_SECONDS };
    this.#send(0, { name: 'connection.tune', args });
    return null;
  }

  /** The client may lower what was offered; 0 means no limit of its own. */
  #onTuneOk({ channelMax, frameMax, heartbeat }: Arguments<'connection.tune-ok'>): AmqpProblem | null {
    if (channelMax > CHANNEL_MAX || frameMax > MAX_AMQP_FRAME_BYTES || (frameMax > 0 && frameMax < MIN_FRAME_BYTES)) {
      return new AmqpProblem(
        REPLY.notAllowed,
        `negotiated channel_max ${channelMax} or frame_max ${frameMax} is wrong`,
      );
    }
    this.#state = 'open';
    this.#frames.tune(frameMax === 0 ? MAX_AMQP_FRAME_BYTES : frameMax, heartbeat);
    return null;
  }

  #onChannel(number: number, method: Method, content: Content | null, entry: number | null): AmqpProblem | null {
    if (this.#state !== 'up') return unexpected(method, 'before the connection is open');
    if (this.#closing.has(number)) {
      // Whatever was on its way when the channel was closed is not heard.
      if (method.name === 'channel.close-ok') this.#closing.delete(number);
      else if (method.name === 'channel.close') {
        this.#closing.delete(number);
        this.#send(number, { name: 'channel.close-ok', args: {} });
      }
      return null;
    }
    const channel = this.#channels.get(number);
    if (method.name === 'channel.open') {
      if (channel || number > CHANNEL_MAX)
        return new AmqpProblem(REPLY.channelError, `channel ${number} is open already`);
      const onProblem = (problem: AmqpProblem) => this.onProblem(problem, number);
      this.#channels.set(number, new BrokerChannel(this.#services, this.#broker, this.#frames, number, onProblem));
      this.#send(number, { name: 'channel.open-ok', args: { channelId: new Uint8Array(0) } });
      return null;
    }
    if (!channel) return new AmqpProblem(REPLY.channelError, `expected 'channel.open' on channel ${number}`);
    if (method.name === 'channel.close') {
      this.#endChannel(number, 'channel.close');
      this.#send(number, { name: 'channel.close-ok', args: {} });
      return null;
    }
    return channel.handle(method, content, entry);
  }

  #endChannel(number: number, because: string): void {
    const channel = this.#channels.get(number);
    this.#channels.delete(number);
    this.#frames.forget(number);
    channel?.close(because);
  }

  #endChannels(because: string): void {
    // None of them gets what another one gives back.
    for (const channel of this.#channels.values()) channel.stop();
    for (const number of [...this.#channels.keys()]) this.#endChannel(number, because);
  }

  #over(because: string): void {
    this.#state = 'over';
    this.#timer.clear();
    this.#endChannels(because);
    this.#frames.close();
  }

  #send(channel: number, method: Method): void {
    this.#frames.sendMethod(channel, method);
  }
}

/** Which method is at fault; zeros when it is none. */
function idOf(method: Method | undefined): { readonly classId: number; readonly methodId: number } {
  const [classId, methodId] = method ? METHODS[method.name].id : [0, 0];
  return { classId, methodId };
}
