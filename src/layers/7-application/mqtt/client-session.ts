/**
 * One MQTT client (MQTT 3.1.1 and 5.0): it connects, comes back when the connection breaks, and keeps what its session
 * owes. The times are those of the library MQTT.js: a new try one second after the last connection, 30 s for a CONNACK.
 */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { Lookup } from '../names.ts';
import type { ReceivedCounts } from '../received-counts.ts';
import type { ClientTls } from '../secure.ts';
import { ENDED, quoted } from '../wording.ts';
import { Incoming } from './incoming.ts';
import { acknowledgment, Outgoing, type OutgoingLimits, type StoredMessage } from './outgoing.ts';
import type { Connack, Packet, Publish, Qos, SubscribeAnswer, Subscription, Version } from './packet.ts';
import { connectPackets, type PacketStream, type PacketUser } from './packet-stream.ts';
import { NO_PROPERTIES, type Properties } from './properties.ts';
import { connackText, MqttProblem, REASON, reasonText } from './reason.ts';
import { filterProblem, topicProblem } from './topic.ts';

export interface MqttClientOptions {
  /** What people call the client. */
  readonly as: string;
  readonly host: string;
  readonly port: number;
  /** The path of a WebSocket; null: plain TCP. */
  readonly webSocketPath: string | null;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls | undefined;
  readonly clientId: string;
  readonly version: Version;
  /** False: the session outlives the connection, and a crash of either side. */
  readonly clean: boolean;
  readonly keepAliveSeconds: number;
  /** MQTT 5.0: how long the broker keeps the session; null: 0 for a clean one, else for ever. */
  readonly sessionExpirySeconds: number | null;
  readonly will: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly qos: Qos;
    readonly retain: boolean;
  } | null;
}

/** What the disk holds of a client that is not clean. */
export interface StoredClient {
  readonly options: MqttClientOptions;
  /** It has not disconnected of its own will. */
  readonly isWanted: boolean;
  readonly subscriptions: readonly (readonly [filter: string, wanted: Wanted])[];
}

interface Wanted {
  readonly qos: Qos;
  readonly isGranted: boolean;
}

type State = 'new' | 'disconnected' | 'connecting' | 'connected' | 'waiting';

const SECOND = 1_000_000_000;
const RECONNECT_NS = SECOND;
const CONNACK_TIMEOUT_NS = 30 * SECOND;
const LIMITS: OutgoingLimits = { maxQueued: 1_000, overflow: 'drop-newest', maxInFlight: 20 };
const DEFAULT_RECEIVE_MAXIMUM = 65_535;

export class ClientSession {
  readonly options: MqttClientOptions;
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #received: ReceivedCounts;
  readonly #file: DiskFile<StoredClient> | null;
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #subscriptions = new Map<string, Wanted>();
  /** Filters of the SUBSCRIBE packets that are not answered, by identifier. */
  readonly #asked = new Map<number, readonly string[]>();
  readonly #reconnect: Timer;
  readonly #connack: Timer;
  readonly #keepAlive: Timer;
  readonly #pong: Timer;
  #keepAliveNs = 0;
  #packets: PacketStream | null = null;
  #state: State = 'new';
  #isWanted = false;
  /** It disconnects as soon as nothing is owed any more. */
  #isEnding = false;

  constructor(
    services: AppServices,
    lookup: Lookup,
    disk: Disk,
    received: ReceivedCounts,
    options: MqttClientOptions,
    stored: StoredClient | null,
  ) {
    const { context, ledger } = services;
    const { as, clean } = options;
    this.#services = services;
    this.#lookup = lookup;
    this.#received = received;
    this.options = options;
    this.#file = clean ? null : disk.file<StoredClient>('mqtt.clients');
    const messages = clean ? null : disk.file<StoredMessage>(`mqtt.client.outgoing ${as}`);
    this.#outgoing = new Outgoing(context, ledger, as, LIMITS, messages);
    this.#incoming = new Incoming(clean ? null : disk.file<true>(`mqtt.client.incoming ${as}`));
    for (const [filter, wanted] of stored?.subscriptions ?? []) this.#subscriptions.set(filter, wanted);
    const timer = (name: string, run: () => void) => context.timer(7, `mqtt.${as}`, name, run);
    this.#reconnect = timer('reconnect', () => this.connect());
    this.#connack = timer('CONNACK', () => this.#giveUp('no CONNACK came within 30 s'));
    this.#keepAlive = timer('keep alive', () => this.#ping());
    this.#pong = timer('PINGRESP', () => this.#giveUp('no PINGRESP came: the connection is taken for dead'));
  }

  /** It has not disconnected of its own will. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  connect(): void {
    const { host, port, as, version } = this.options;
    this.#isWanted = true;
    this.#isEnding = false;
    this.#store();
    this.#become('connecting', 'it has been told to');
    this.#lookup.find(host, (answer) => {
      if (this.#state !== 'connecting' || this.#packets) return;
      if ('problem' in answer) {
        this.#isWanted = false;
        this.#become('disconnected', answer.problem);
        this.#tell(`cannot connect to ${host}: ${answer.problem}`);
        return;
      }
      this.#connack.set(CONNACK_TIMEOUT_NS);
      const remote = { address: answer.address, port };
      const user = this.#userOf(() => packets);
      const onOpen = () => this.#send(this.#connectPacket());
      const packets: PacketStream = connectPackets(this.#services, as, remote, user, version, onOpen);
      this.#packets = packets;
    });
  }

  subscribe(filter: string, qos: Qos): void {
    const problem = filterProblem(filter);
    if (problem) {
      this.#tell(`cannot subscribe: ${problem}`);
      return;
    }
    this.#subscriptions.set(filter, { qos, isGranted: false });
    this.#store();
    if (this.#state === 'connected') this.#ask([filter]);
  }

  /** With QoS 1 and 2 the message is safe when this returns, if the session is not clean. */
  publish(topic: string, payload: Uint8Array, qos: Qos, retain: boolean): void {
    const { ledger } = this.#services;
    const problem = topicProblem(topic);
    if (problem || !this.#isWanted || this.#isEnding) {
      const detail = problem ?? 'the client has disconnected';
      ledger.dropped('mqtt', `mqtt.${this.options.as}`, payload, problem ? 'malformed' : 'closed', detail);
      this.#tell(`cannot publish ${quoted(payload)}: ${detail}`);
      return;
    }
    const entry = this.#tell(`publishes ${quoted(payload)} to ${topic} with QoS ${qos}${retain ? ', retained' : ''}`);
    const { context } = this.#services;
    const was = context.because(entry ?? context.journal.cause);
    const carries = entry === null ? NOTHING : [entry];
    this.#outgoing.offer({ topic, payload, qos, retain, properties: NO_PROPERTIES, expiresNs: null, carries });
    context.resume(was);
  }

  /** DISCONNECT, after everything that is owed has been acknowledged. Without a connection it stops trying. */
  disconnect(): void {
    this.#isEnding = true;
    if (this.#state === 'connected') this.#endWhenDone();
    else this.#settle('it has been told to disconnect');
  }

  /** Ends whatever connection there is, without a DISCONNECT: another one takes the name. */
  stop(): void {
    const packets = this.#packets;
    this.#settle('another connection of this name is opened');
    this.#outgoing.discardVolatile('closed', 'another connection takes its place');
    packets?.abort();
  }

  /** The session's messages are given up. */
  forget(because: string): void {
    this.#outgoing.discard('closed', because);
    this.#incoming.clear();
    this.#file?.delete(this.options.as);
  }

  crash(): void {
    this.#outgoing.discardVolatile('crashed', 'it was only in memory when the node crashed');
    this.#become('disconnected', 'the node crashed');
  }

  /** What one connection tells; what an old one still says is not heard. */
  #userOf(own: () => PacketStream): PacketUser {
    const isCurrent = () => this.#packets === own();
    return {
      onMessage: (packet) => {
        const problem = isCurrent() ? this.#onPacket(packet) : null;
        if (problem) this.#onProblem(problem);
      },
      onProblem: (problem) => {
        if (isCurrent()) this.#onProblem(problem);
      },
      onRoom: () => this.#outgoing.pump(),
      onGone: (reason) => {
        if (isCurrent()) this.#onGone(reason);
      },
    };
  }

  #onPacket(packet: Packet): MqttProblem | null {
    if (this.#state !== 'connected') {
      if (packet.type !== 'connack') return wrong(`a ${packet.type.toUpperCase()} before CONNACK`);
      this.#onConnack(packet);
      return null;
    }
    switch (packet.type) {
      case 'publish':
        return this.#onPublish(packet);
      case 'puback':
      case 'pubrec':
      case 'pubcomp': {
        const problem = this.#outgoing.acknowledged(packet);
        this.#endWhenDone();
        return problem;
      }
      case 'pubrel':
        this.#incoming.release(packet.id);
        this.#send(acknowledgment('pubcomp', packet.id));
        return null;
      case 'suback':
        return this.#onSuback(packet);
      case 'pingresp':
        this.#pong.clear();
        this.#awaitIdle();
        return null;
      case 'disconnect':
        this.#tell(`the broker disconnects: ${reasonText(packet.code)}`);
        // Two clients of one identifier would take the session from each other for ever.
        if (packet.code === REASON.sessionTakenOver) this.#isWanted = false;
        return null;
      case 'unsuback':
        return null;
      default:
        return wrong(`a ${packet.type.toUpperCase()} from a broker`);
    }
  }

  #onConnack({ code, sessionPresent, properties }: Connack): void {
    const { version, clean, keepAliveSeconds } = this.options;
    this.#connack.clear();
    if (code !== 0) {
      this.#tell(`the broker refuses the connection: ${connackText(version, code)}`);
      const packets = this.#packets;
      this.#settle('the broker refuses it');
      packets?.close();
      return;
    }
    this.#tell(`connected${sessionPresent ? ', its session is present' : ''}`);
    this.#become('connected', 'CONNACK');
    this.#keepAliveNs = (properties.serverKeepAlive ?? keepAliveSeconds) * SECOND;
    this.#awaitIdle();
    // "The Client must discard any Session state" when the broker has none (MQTT-3.2.2-5 of 5.0).
    if (!sessionPresent) this.#incoming.clear();
    if (!sessionPresent && clean) {
      this.#outgoing.discardInFlight('closed', 'a clean session ends with its connection');
    }
    const missing = [...this.#subscriptions].filter(([, { isGranted }]) => !isGranted || !sessionPresent);
    if (missing.length > 0) this.#ask(missing.map(([filter]) => filter));
    const packets = this.#packets;
    if (!packets) return;
    packets.peerMaxPacketBytes = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#outgoing.connected({
      version,
      receiveMaximum: properties.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM,
      hasRoom: () => packets.hasRoom,
      send: (packet, carries) => this.#send(packet, carries),
    });
    this.#endWhenDone();
  }

  #onPublish(publish: Publish): MqttProblem | null {
    const { qos, id, properties } = publish;
    if (properties.topicAlias !== undefined) return new MqttProblem(REASON.topicAliasInvalid, 'a topic alias');
    // Method A of figure 4.3: the identifier is kept and the message handed on at once, both or neither.
    const isNew = qos < 2 || this.#incoming.accept(id);
    if (isNew) this.#deliver(publish);
    else this.#tell(`received identifier ${id} once more: not delivered again`);
    if (qos === 1) this.#send(acknowledgment('puback', id));
    if (qos === 2) this.#send(acknowledgment('pubrec', id));
    return null;
  }

  /** The application has the message. */
  #deliver({ topic, payload, qos, dup, retain }: Publish): void {
    const marks = `QoS ${qos}${dup ? ', DUP' : ''}${retain ? ', retained' : ''}`;
    this.#tell(`received ${quoted(payload)} on ${topic} (${marks})`);
    this.#received.received('mqtt', topic);
  }

  #onSuback({ id, codes }: SubscribeAnswer): MqttProblem | null {
    const filters = this.#asked.get(id);
    if (!filters || codes.length !== filters.length) return wrong('a SUBACK that nobody asked for');
    this.#asked.delete(id);
    for (const [index, filter] of filters.entries()) {
      const code = codes[index] as number;
      const wanted = this.#subscriptions.get(filter);
      if (code >= 0x80) {
        this.#subscriptions.delete(filter);
        this.#tell(`the broker refuses the subscription to ${filter}: ${reasonText(code)}`);
      } else if (wanted) {
        this.#subscriptions.set(filter, { qos: wanted.qos, isGranted: true });
        this.#tell(`subscribed to ${filter} with QoS ${code}`);
      }
    }
    this.#store();
    this.#outgoing.freeId(id);
    return null;
  }

  #onProblem({ code, why }: MqttProblem): void {
    this.#tell(`closes the connection, ${reasonText(code)}: ${why}`);
    if (this.options.version === 5 && this.#state === 'connected') {
      this.#send({ type: 'disconnect', code, properties: NO_PROPERTIES });
    }
    const packets = this.#packets;
    this.#onGone('aborted');
    packets?.close();
  }

  #onGone(reason: CloseReason): void {
    this.#settleConnection();
    if (this.#isEnding || !this.#isWanted) {
      this.#settle(`the connection ${ENDED[reason]}`);
      return;
    }
    this.#tell(`the connection ${ENDED[reason]}; tries again in 1 s`);
    this.#become('waiting', `the connection ${ENDED[reason]}`);
    this.#reconnect.set(RECONNECT_NS);
  }

  /** The connection is taken for dead. */
  #giveUp(why: string): void {
    this.#tell(why);
    this.#packets?.abort();
  }

  #ping(): void {
    this.#send({ type: 'pingreq' });
    this.#keepAlive.clear();
    // As the broker waits for 1.5 times the keep alive, so does the client.
    this.#pong.set(this.#keepAliveNs / 2);
  }

  #awaitIdle(): void {
    if (this.#keepAliveNs > 0 && !this.#pong.isSet) this.#keepAlive.set(this.#keepAliveNs);
  }

  #send(packet: Packet, carries: readonly number[] = NOTHING): boolean {
    if (this.#state === 'connected') this.#awaitIdle();
    return this.#packets?.send(packet, carries) ?? true;
  }

  #ask(filters: readonly string[]): void {
    const id = this.#outgoing.takeId();
    if (id === 0) {
      this.#tell('cannot subscribe: every packet identifier is in use');
      return;
    }
    this.#asked.set(id, filters);
    const subscriptions = filters.map(
      (filter): Subscription => ({
        filter,
        qos: this.#subscriptions.get(filter)?.qos ?? 0,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      }),
    );
    this.#send({ type: 'subscribe', id, subscriptions, properties: NO_PROPERTIES });
  }

  #connectPacket(): Packet {
    const { version, clientId, clean, keepAliveSeconds, will } = this.options;
    const isClean = clean && (version === 4 || this.options.sessionExpirySeconds === null);
    return {
      type: 'connect',
      version,
      clientId,
      clean: isClean,
      keepAliveSeconds,
      will: will ? { ...will, properties: NO_PROPERTIES } : null,
      username: null,
      password: null,
      properties: this.#connectProperties(),
    };
  }

  #connectProperties(): Properties {
    const { version, clean, sessionExpirySeconds } = this.options;
    if (version === 4) return NO_PROPERTIES;
    const seconds = sessionExpirySeconds ?? (clean ? 0 : 0xffff_ffff);
    return seconds === 0 ? NO_PROPERTIES : { sessionExpiryInterval: seconds };
  }

  #endWhenDone(): void {
    const { queued, inFlight } = this.#outgoing;
    if (!this.#isEnding || this.#state !== 'connected' || queued > 0 || inFlight > 0) return;
    const packets = this.#packets;
    this.#send({ type: 'disconnect', code: 0, properties: NO_PROPERTIES });
    this.#settle('DISCONNECT');
    packets?.close();
  }

  /** No connection, and none is wanted. */
  #settle(because: string): void {
    this.#isWanted = false;
    this.#settleConnection();
    this.#reconnect.clear();
    this.#become('disconnected', because);
    this.#store();
    if (this.options.clean) this.#outgoing.discard('closed', because);
  }

  #settleConnection(): void {
    this.#packets = null;
    this.#asked.clear();
    this.#outgoing.disconnected();
    for (const timer of [this.#connack, this.#keepAlive, this.#pong]) timer.clear();
  }

  #store(): void {
    const { as } = this.options;
    this.#file?.put(as, { options: this.options, isWanted: this.#isWanted, subscriptions: [...this.#subscriptions] });
  }

  #tell(text: string): number | null {
    const { context } = this.#services;
    if (!context.recording) return null;
    return context.record({ kind: 'app', layer: 7, machine: `mqtt.${this.options.as}`, text });
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    this.#state = to;
    const { context } = this.#services;
    if (!context.recording || from === to) return;
    const machine = `mqtt.${this.options.as}`;
    context.record({ kind: 'state', layer: 7, protocol: 'mqtt', machine, from, to, because });
  }
}

function wrong(why: string): MqttProblem {
  return new MqttProblem(REASON.protocolError, why);
}
