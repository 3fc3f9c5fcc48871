/** One connection of a client to the broker: CONNECT first, then whatever comes, until one of both ends it. */

import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import { MAX_MQTT_PACKET_BYTES } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import { ENDED, isShortText, octets, quoted } from '../wording.ts';
import type { MqttBroker } from './broker.ts';
import { type Message, messageOf } from './message.ts';
import { acknowledgment, type Peer } from './outgoing.ts';
import type { Connect, Farewell, Packet, Publish, Subscribe, Unsubscribe, Version } from './packet.ts';
import { PacketStream, type PacketUser } from './packet-stream.ts';
import { NO_PROPERTIES, type Properties } from './properties.ts';
import { connackText, MqttProblem, REASON, reasonText, returnCodeOf } from './reason.ts';
import { wantsRetained } from './retained.ts';
import { labelOf, NEVER_EXPIRES, type Session, type SessionHolder } from './session.ts';

const SECOND = 1_000_000_000;
/** How long a connection may stay without a CONNECT (section 3.1: "a reasonable amount of time"). */
const CONNECT_TIMEOUT_NS = 30 * SECOND;
/** QoS 2 messages that a client may leave unreleased (MQTT 5.0 section 3.2.2.3.3), in 3.1.1 too. */
const RECEIVE_MAXIMUM = 100;
const DEFAULT_RECEIVE_MAXIMUM = 65_535;

interface Will {
  readonly message: Message;
  readonly delaySeconds: number;
}

export class BrokerConnection implements PacketUser, SessionHolder {
  readonly #services: AppServices;
  readonly #broker: MqttBroker;
  readonly #packets: PacketStream;
  readonly #timer: Timer;
  #session: Session | null = null;
  #will: Will | null = null;
  #keepAliveNs = 0;
  /** The connection's last words have been said: by DISCONNECT, an error or a takeover. */
  #isOver = false;

  constructor(services: AppServices, broker: MqttBroker, stream: Stream) {
    const { context, ledger } = services;
    this.#services = services;
    this.#broker = broker;
    this.#packets = new PacketStream(services, stream, this, 4);
    this.#timer = context.timer(7, `mqtt.${stream.name}`, 'keep alive', () => {
      const { name } = this.#packets;
      if (!this.#session) {
        ledger.told(name, 'no CONNECT came in time');
        this.#packets.abort();
      } else this.#end(REASON.keepAliveTimeout, 'nothing came for 1.5 times the keep alive');
    });
    this.#timer.set(CONNECT_TIMEOUT_NS);
  }

  /** Who uses the stream. */
  get user(): StreamUser {
    return this.#packets.user;
  }

  onMessage(packet: Packet, entry: number | null): void {
    if (this.#isOver) return;
    if (packet.type === 'connect') {
      if (this.#session) this.#end(REASON.protocolError, 'a second CONNECT (MQTT-3.1.0-2)');
      else this.#onConnect(packet, entry);
      return;
    }
    if (!this.#session) {
      this.#end(REASON.protocolError, `a ${packet.type.toUpperCase()} before CONNECT (MQTT-3.1.0-1)`);
      return;
    }
    if (this.#keepAliveNs > 0) this.#timer.set(this.#keepAliveNs);
    const problem = this.#handle(packet, this.#session, entry);
    if (problem) this.#end(problem.code, problem.why);
  }

  onProblem({ code, why }: MqttProblem): void {
    if (this.#isOver) return;
    if (!this.#session && code === REASON.unsupportedVersion) this.#refuse(4, code, why);
    else this.#end(code, why);
  }

  onRoom(): void {
    this.#session?.outgoing.pump();
  }

  onGone(reason: CloseReason): void {
    this.#timer.clear();
    this.#release(`the connection ${ENDED[reason]}`);
  }

  takenOver(): void {
    this.#end(REASON.sessionTakenOver, 'the client connects once more');
  }

  #handle(packet: Exclude<Packet, Connect>, session: Session, entry: number | null): MqttProblem | null {
    switch (packet.type) {
      case 'publish':
        return this.#onPublish(packet, session, entry);
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return session.outgoing.acknowledged(packet);
      case 'pubrel': {
        const wasHere = session.incoming.release(packet.id);
        const code = wasHere || this.#packets.version === 4 ? 0 : REASON.packetIdNotFound;
        this.#packets.send(acknowledgment('pubcomp', packet.id, code));
        return null;
      }
      case 'subscribe':
        return this.#onSubscribe(packet, session);
      case 'unsubscribe':
        return this.#onUnsubscribe(packet, session);
      case 'pingreq':
        this.#packets.send({ type: 'pingresp' });
        return null;
      case 'disconnect':
        return this.#onDisconnect(packet, session);
      default:
        return new MqttProblem(REASON.protocolError, `a ${packet.type.toUpperCase()} from a client`);
    }
  }

  #onConnect(connect: Connect, entry: number | null): void {
    const problem = this.#connectProblem(connect);
    if (problem) {
      this.#refuse(Math.min(connect.version, this.#broker.options.version) as Version, problem.code, problem.why);
      return;
    }
    const { version, keepAliveSeconds, will, properties } = connect;
    const isAssigned = connect.clientId === '';
    const clientId = isAssigned ? this.#broker.assignClientId() : connect.clientId;
    const { session, isPresent } = this.#broker.open({ ...connect, clientId }, expiryOf(connect), this);
    this.#session = session;
    if (will) {
      const message = messageOf(will, this.#services.context.nowNs, entry);
      this.#will = { message, delaySeconds: will.properties.willDelayInterval ?? 0 };
    }
    this.#keepAliveNs = (keepAliveSeconds * 3 * SECOND) / 2;
    if (this.#keepAliveNs > 0) this.#timer.set(this.#keepAliveNs);
    else this.#timer.clear();
    this.#packets.peerMaxPacketBytes = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    const kept = isPresent ? ', its session is present' : '';
    this.#services.ledger.told(this.#packets.name, `${labelOf(clientId)} connects${kept}`);
    this.#packets.send({
      type: 'connack',
      sessionPresent: isPresent,
      code: 0,
      properties: version === 5 ? connackProperties(isAssigned ? clientId : null) : NO_PROPERTIES,
    });
    session.start(this.#peer(version, properties));
  }

  /** Why the broker does not take this client; null: it does. */
  #connectProblem({ version, clientId, clean, properties }: Connect): MqttProblem | null {
    if (version > this.#broker.options.version) {
      return new MqttProblem(REASON.unsupportedVersion, 'this broker speaks MQTT 3.1.1 only');
    }
    if (properties.authenticationMethod !== undefined) {
      return new MqttProblem(REASON.badAuthenticationMethod, 'enhanced authentication is not offered');
    }
    // MQTT-3.1.3-8 of 3.1.1; 5.0 assigns an identifier whatever clean start says (MQTT-3.1.3-6).
    if (clientId === '' && !clean && version === 4) {
      return new MqttProblem(REASON.clientIdNotValid, 'a client without an identifier must start clean');
    }
    return this.#broker.isFull ? new MqttProblem(REASON.quotaExceeded, 'there are too many sessions') : null;
  }

  #peer(version: Version, { receiveMaximum = DEFAULT_RECEIVE_MAXIMUM }: Properties): Peer {
    return {
      version,
      receiveMaximum,
      hasRoom: () => this.#packets.hasRoom,
      send: (packet, carries) => this.#packets.send(packet, carries),
    };
  }

  #onPublish(publish: Publish, session: Session, entry: number | null): MqttProblem | null {
    const { topic, qos, id, payload, properties } = publish;
    const isFive = this.#packets.version === 5;
    if (properties.topicAlias !== undefined) {
      return new MqttProblem(REASON.topicAliasInvalid, 'a topic alias, of which this broker takes none');
    }
    if (properties.subscriptionIdentifier !== undefined) {
      return new MqttProblem(REASON.protocolError, 'a PUBLISH of a client with a subscription identifier');
    }
    if (qos === 2 && !session.incoming.has(id) && session.incoming.size >= RECEIVE_MAXIMUM) {
      const why = `more than ${RECEIVE_MAXIMUM} messages are not released`;
      return new MqttProblem(REASON.receiveMaximumExceeded, why);
    }
    if (qos === 2 && !session.incoming.accept(id)) {
      this.#tellPublish(publish, 'which is known: not delivered again');
      this.#packets.send(acknowledgment('pubrec', id));
      return null;
    }
    let code: number = REASON.success;
    if (topic.startsWith('$')) {
      // "The Server SHOULD prevent Clients from using such Topic Names" (section 4.7.2).
      code = REASON.notAuthorized;
      const { name } = this.#packets;
      this.#services.ledger.dropped('mqtt', name, payload, 'not-acceptable', `clients do not publish to ${topic}`);
    } else {
      const receivers = this.#broker.publish(messageOf(publish, this.#services.context.nowNs, entry), session.clientId);
      this.#tellPublish(publish, `for ${receivers === 1 ? '1 subscriber' : `${receivers} subscribers`}`);
      if (receivers === 0) code = REASON.noMatchingSubscribers;
    }
    const answer = acknowledgment(qos === 1 ? 'puback' : 'pubrec', id, isFive ? code : 0);
    if (qos === 2 && isFive && code >= 0x80) session.incoming.release(id);
    if (qos > 0) this.#packets.send(answer);
    return null;
  }

  #tellPublish({ topic, payload, qos }: Publish, what: string): void {
    const content = isShortText(payload) ? quoted(payload) : octets(payload.length);
    this.#services.ledger.told(this.#packets.name, `takes ${content} to ${topic} with QoS ${qos}, ${what}`);
  }

  #onSubscribe({ id, subscriptions, properties }: Subscribe, session: Session): MqttProblem | null {
    if (properties.subscriptionIdentifier !== undefined) {
      return new MqttProblem(
        REASON.subscriptionIdsNotSupported,
        'a subscription identifier, which this broker has not',
      );
    }
    const isFive = this.#packets.version === 5;
    const answers = subscriptions.map((subscription) => {
      // Shared subscriptions are 5.0's; to a client of 3.1.1 the filter would be an ordinary one, and match nothing.
      if (!isFive && subscription.filter.startsWith('$share/')) return { code: 0x80, retained: null };
      const isNew = session.subscribe(subscription);
      if (isNew === null) return { code: isFive ? REASON.quotaExceeded : 0x80, retained: null };
      const retained = wantsRetained(subscription, isNew) ? subscription : null;
      this.#services.ledger.told(
        this.#packets.name,
        `${session.label} subscribes to ${subscription.filter} with QoS ${subscription.qos}`,
      );
      return { code: subscription.qos, retained };
    });
    const codes = answers.map(({ code }) => code);
    this.#packets.send({ type: 'suback', id, codes, properties: NO_PROPERTIES });
    for (const { retained } of answers) if (retained) this.#broker.sendRetained(session, retained);
    return null;
  }

  #onUnsubscribe({ id, filters }: Unsubscribe, session: Session): null {
    const codes = filters.map((filter) => (session.unsubscribe(filter) ? 0 : REASON.noSubscriptionExisted));
    const isFive = this.#packets.version === 5;
    this.#packets.send({ type: 'unsuback', id, codes: isFive ? codes : [], properties: NO_PROPERTIES });
    return null;
  }

  /** "On receipt of DISCONNECT the Server MUST discard any Will Message" (MQTT-3.14.4-3). */
  #onDisconnect({ code, properties }: Farewell, session: Session): MqttProblem | null {
    const { sessionExpiryInterval } = properties;
    if (sessionExpiryInterval !== undefined) {
      if (session.expirySeconds === 0 && sessionExpiryInterval > 0) {
        return new MqttProblem(REASON.protocolError, 'a session expiry in DISCONNECT where CONNECT had none');
      }
      session.setExpiry(sessionExpiryInterval);
    }
    if (code !== REASON.disconnectWithWill) this.#will = null;
    this.#isOver = true;
    this.#release('DISCONNECT');
    this.#packets.close();
    return null;
  }

  /** CONNACK with a code, then the end (section 3.2.2.3: "MUST then close the Network Connection"). */
  #refuse(version: Version, code: number, why: string): void {
    const returnCode = version === 5 ? code : returnCodeOf(code);
    if (returnCode !== null) {
      const text = connackText(version, returnCode);
      this.#services.ledger.told(this.#packets.name, `refuses the connection, ${text}: ${why}`);
      this.#packets.version = version;
      this.#packets.send({ type: 'connack', sessionPresent: false, code: returnCode, properties: NO_PROPERTIES });
    }
    this.#isOver = true;
    this.#timer.clear();
    this.#packets.close();
  }

  /** The broker ends the connection; 5.0 says why with a DISCONNECT, 3.1.1 has no word for it. */
  #end(code: number, why: string): void {
    if (this.#isOver) return;
    const { ledger } = this.#services;
    ledger.told(this.#packets.name, `closes the connection, ${reasonText(code)}: ${why}`);
    if (this.#packets.version === 5 && this.#session) {
      this.#packets.send({ type: 'disconnect', code, properties: NO_PROPERTIES });
    }
    this.#isOver = true;
    this.#release(why);
    this.#packets.close();
  }

  /** The session goes on without this connection. */
  #release(because: string): void {
    this.#isOver = true;
    this.#timer.clear();
    const session = this.#session;
    const will = this.#will;
    this.#session = null;
    this.#will = null;
    if (session) this.#broker.leave(session, because, will?.message ?? null, will?.delaySeconds ?? 0);
  }
}

/** Seconds that the session outlives its connection. In 3.1.1 it ends with it, or never. */
function expiryOf({ version, clean, properties }: Connect): number {
  if (version === 5) return properties.sessionExpiryInterval ?? 0;
  return clean ? 0 : NEVER_EXPIRES;
}

function connackProperties(assignedClientIdentifier: string | null): Properties {
  return {
    ...(assignedClientIdentifier === null ? {} : { assignedClientIdentifier }),
    receiveMaximum: RECEIVE_MAXIMUM,
    maximumPacketSize: MAX_MQTT_PACKET_BYTES,
    subscriptionIdentifierAvailable: 0,
  };
}
