/** Who talks with whom: two endpoints make a conversation, whichever of them sends. Numbered in order of appearance. */

import type { IpAddress } from '../../wire/address.ts';

export interface Conversation<T> {
  readonly stream: number;
  readonly state: T;
}

/** Conversations of one transport protocol. */
export class Conversations<T> {
  readonly #byEndpoints = new Map<string, Conversation<T>>();
  readonly #begin: () => T;
  #count = 0;

  constructor(begin: () => T) {
    this.#begin = begin;
  }

  /** The conversation of these two endpoints; begun when there is none. */
  between(key: string): Conversation<T> {
    return this.#byEndpoints.get(key) ?? this.restart(key);
  }

  /** Begins another conversation of the same two endpoints, which takes the place of the one before. */
  restart(key: string): Conversation<T> {
    const conversation = { stream: this.#count, state: this.#begin() };
    this.#count += 1;
    this.#byEndpoints.set(key, conversation);
    return conversation;
  }
}

/** True when the sender comes first in the order of a conversation's two endpoints. */
export function isForward(
  source: IpAddress,
  sourcePort: number,
  destination: IpAddress,
  destinationPort: number,
): boolean {
  return source < destination || (source === destination && sourcePort <= destinationPort);
}

/** The same text for both directions. */
export function conversationKey(
  source: IpAddress,
  sourcePort: number,
  destination: IpAddress,
  destinationPort: number,
): string {
  return isForward(source, sourcePort, destination, destinationPort)
    ? `${source}:${sourcePort}-${destination}:${destinationPort}`
    : `${destination}:${destinationPort}-${source}:${sourcePort}`;
}
