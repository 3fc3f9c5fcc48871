/** Control packets over one connection, both ways. Of brokers and clients alike. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import { MAX_MQTT_PACKET_BYTES } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import { connectFramed, FramedStream, type FramedUser } from '../framed-stream.ts';
import { encodePacket } from './encode.ts';
import type { Packet, Version } from './packet.ts';
import { PacketReader } from './packet-reader.ts';
import type { MqttProblem } from './reason.ts';

export type PacketUser = FramedUser<Packet, MqttProblem>;

export class PacketStream {
  /** The largest packet that the other side takes. */
  peerMaxPacketBytes = Number.POSITIVE_INFINITY;
  readonly #reader: PacketReader;
  readonly #framed: FramedStream<Packet, MqttProblem>;

  /** `version`: until a CONNECT says another. `onOpen`: for the side that connects; null for the side that accepted. */
  constructor(
    services: AppServices,
    stream: Stream,
    user: PacketUser,
    version: Version,
    onOpen: (() => void) | null = null,
  ) {
    this.#reader = new PacketReader(version, MAX_MQTT_PACKET_BYTES);
    this.#framed = new FramedStream(services, stream, 'mqtt', this.#reader, user, onOpen);
  }

  /** How packets are read and written. */
  get version(): Version {
    return this.#reader.version;
  }

  set version(version: Version) {
    this.#reader.version = version;
  }

  get name(): string {
    return this.#framed.stream.name;
  }

  get hasRoom(): boolean {
    return this.#framed.hasRoom;
  }

  /** Who uses the stream. */
  get user(): StreamUser {
    return this.#framed;
  }

  /** False: it is larger than the other side takes, and was not sent. `carries`: entries of the message in it. */
  send(packet: Packet, carries: readonly number[] = NOTHING): boolean {
    const bytes = encodePacket(packet, this.version);
    if (bytes.length > this.peerMaxPacketBytes) return false;
    this.#framed.send([bytes], carries);
    return true;
  }

  close(): void {
    this.#framed.close();
  }

  abort(): void {
    this.#framed.abort();
  }
}

/** Opens a connection for control packets. */
export function connectPackets(
  services: AppServices,
  name: string,
  remote: Endpoint,
  user: PacketUser,
  version: Version,
  onOpen: () => void,
): PacketStream {
  const made: PacketStream[] = [];
  connectFramed(services, name, remote, (stream) => {
    const packets = new PacketStream(services, stream, user, version, onOpen);
    made.push(packets);
    return packets.user;
  });
  return made[0] as PacketStream;
}
