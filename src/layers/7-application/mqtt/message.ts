/** An application message on its way: what a PUBLISH brings, without the numbers of one connection. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Publish, Qos, Will } from './packet.ts';
import type { Properties } from './properties.ts';

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Properties;
  /** Virtual time at which it is worth nothing any more (MQTT 5.0 section 3.3.2.3.3); null: never. */
  readonly expiresNs: number | null;
  /** The journal's entry of the message it came as, for whoever asks why it is sent; empty without a journal. */
  readonly carries: readonly number[];
}

const SECOND = 1_000_000_000;

export function messageOf(from: Publish | Will, nowNs: number, entry: number | null): Message {
  const { topic, payload, qos, retain, properties } = from;
  const {
    messageExpiryInterval: seconds,
    topicAlias: _,
    subscriptionIdentifier: __,
    willDelayInterval: ___,
    ...passedOn
  } = properties;
  return {
    topic,
    payload,
    qos,
    retain,
    properties: passedOn,
    expiresNs: seconds === undefined ? null : nowNs + seconds * SECOND,
    carries: entry === null ? NOTHING : [entry],
  };
}

/** "The PUBLISH packet sent to a Client MUST contain a Message Expiry Interval … minus the time" waited (3.3.2.3.3). */
export function propertiesLeft({ properties, expiresNs }: Message, nowNs: number): Properties {
  if (expiresNs === null) return properties;
  return { ...properties, messageExpiryInterval: Math.max(0, Math.ceil((expiresNs - nowNs) / SECOND)) };
}
