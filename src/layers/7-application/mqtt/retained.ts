/** The retained messages of a broker: the last one of each topic that was published with RETAIN (section 3.3.1.3). */

import type { Context } from '../../../kernel/context.ts';
import { MAX_MQTT_RETAINED_TOPICS } from '../../limits.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { Message } from './message.ts';
import type { Subscription } from './packet.ts';
import { matchesTopic, sharedOf } from './topic.ts';

export class Retained {
  readonly #context: Context;
  readonly #file: DiskFile<Message>;

  /** A broker that keeps nothing hands in a disk of its own. */
  constructor(context: Context, disk: Disk) {
    this.#context = context;
    this.#file = disk.file<Message>('mqtt.retained');
  }

  /**
   * Keeps a message in place of the one before; one without octets only removes that (MQTT-3.3.1-10). False: there is no
   * room for another topic.
   */
  keep(message: Message): boolean {
    const { topic, payload, qos } = message;
    if (payload.length === 0) {
      this.#file.delete(topic);
      this.#recordRow(topic, null);
      return true;
    }
    if (!this.#file.records.has(topic) && this.#file.records.size >= MAX_MQTT_RETAINED_TOPICS) return false;
    this.#file.put(topic, message);
    this.#recordRow(topic, { qos, bytes: payload.length });
    return true;
  }

  matching(filter: string): Message[] {
    const { nowNs } = this.#context;
    const found: Message[] = [];
    for (const message of [...this.#file.records.values()]) {
      if (message.expiresNs !== null && message.expiresNs <= nowNs) {
        this.#file.delete(message.topic);
        this.#recordRow(message.topic, null);
      } else if (matchesTopic(filter, message.topic)) found.push(message);
    }
    return found;
  }

  /** The node crashes and nothing is on a disk. */
  forget(): void {
    for (const topic of this.#file.records.keys()) this.#recordRow(topic, null);
  }

  #recordRow(topic: string, row: Record<string, number> | null): void {
    if (!this.#context.recording) return;
    const change = { table: 'mqtt.retained', key: topic, row, because: row ? 'PUBLISH with RETAIN' : 'it was removed' };
    this.#context.record({ kind: 'table', layer: 7, protocol: 'mqtt', change });
  }
}

/** Whether retained messages follow a SUBSCRIBE (MQTT 5.0 section 3.8.3.1); to shared ones none do (section 4.8.2). */
export function wantsRetained({ filter, retainHandling }: Subscription, isNew: boolean): boolean {
  if (sharedOf(filter).group !== null) return false;
  return retainHandling === 0 || (retainHandling === 1 && isNew);
}
