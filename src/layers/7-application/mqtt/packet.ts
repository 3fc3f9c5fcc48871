/** MQTT control packets as the machines see them (MQTT 3.1.1 chapter 3, MQTT 5.0 chapter 3). */

import type { Properties } from './properties.ts';

export type Qos = 0 | 1 | 2;
/** The protocol level in CONNECT: 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type Version = 4 | 5;

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Properties;
}

export interface Connect {
  readonly type: 'connect';
  readonly version: Version;
  readonly clientId: string;
  /** Clean Session in 3.1.1, Clean Start in 5.0. */
  readonly clean: boolean;
  /** 0: none. */
  readonly keepAliveSeconds: number;
  readonly will: Will | null;
  readonly username: string | null;
  readonly password: Uint8Array | null;
  readonly properties: Properties;
}

export interface Connack {
  readonly type: 'connack';
  readonly sessionPresent: boolean;
  /** A return code in 3.1.1, a reason code in 5.0. */
  readonly code: number;
  readonly properties: Properties;
}

export interface Publish {
  readonly type: 'publish';
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 1..65535; 0 with QoS 0, which has none. */
  readonly id: number;
  readonly properties: Properties;
}

export interface Acknowledgment {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
  readonly id: number;
  /** 0 in 3.1.1. */
  readonly code: number;
  readonly properties: Properties;
}

/** One filter of a SUBSCRIBE; what follows `qos` is 5.0's and false or 0 in 3.1.1. */
export interface Subscription {
  readonly filter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: retained messages at each subscribe; 1: only when the subscription is new; 2: none. */
  readonly retainHandling: 0 | 1 | 2;
}

export interface Subscribe {
  readonly type: 'subscribe';
  readonly id: number;
  readonly subscriptions: readonly Subscription[];
  readonly properties: Properties;
}

export interface Unsubscribe {
  readonly type: 'unsubscribe';
  readonly id: number;
  readonly filters: readonly string[];
  readonly properties: Properties;
}

export interface SubscribeAnswer {
  readonly type: 'suback' | 'unsuback';
  readonly id: number;
  /** One per filter, in their order; none in an UNSUBACK of 3.1.1. */
  readonly codes: readonly number[];
  readonly properties: Properties;
}

interface Ping {
  readonly type: 'pingreq' | 'pingresp';
}

/** AUTH exists in 5.0 only. */
export interface Farewell {
  readonly type: 'disconnect' | 'auth';
  readonly code: number;
  readonly properties: Properties;
}

export type Packet =
  | Connect
  | Connack
  | Publish
  | Acknowledgment
  | Subscribe
  | Unsubscribe
  | SubscribeAnswer
  | Ping
  | Farewell;
