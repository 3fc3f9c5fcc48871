/**
 * Every limit that people can hit, by name: those of scenarios, of captures and of layers stand in a file each, and a few
 * beside what they are read with.
 */

import * as captures from '../capture/limits.ts';
import { MAX_EVENTS_AT_ONE_INSTANT, MAX_EVENTS_IN_A_ROUND, MAX_ROUNDS_AT_ONE_INSTANT } from '../kernel/kernel.ts';
import { MAX_PACKETS as MAX_ENGINE_IO_PACKETS_IN_A_PAYLOAD } from '../layers/5-session/engine-io/header.ts';
import {
  MAX_ATTACHMENTS as MAX_SOCKET_IO_ATTACHMENTS,
  MAX_DEPTH as MAX_SOCKET_IO_DEPTH,
  MAX_NAMESPACE as MAX_SOCKET_IO_NAMESPACE_LENGTH,
} from '../layers/7-application/socket-io/header.ts';
import * as layers from '../layers/limits.ts';
import * as scenarios from '../scenario/limits.ts';
import { GREATEST_SHARE as MAX_SHARE_OF_MEMORY } from './memory.ts';

export interface LimitGroup {
  readonly title: string;
  readonly limits: Readonly<Record<string, number>>;
}

export const LIMITS: readonly LimitGroup[] = [
  {
    title: 'scenarios and runs',
    limits: {
      ...scenarios,
      MAX_EVENTS_AT_ONE_INSTANT,
      MAX_ROUNDS_AT_ONE_INSTANT,
      MAX_EVENTS_IN_A_ROUND,
      MAX_SHARE_OF_MEMORY,
    },
  },
  { title: 'captures', limits: { ...captures } },
  {
    title: 'what applications and hosts take of each other',
    limits: {
      ...layers,
      MAX_ENGINE_IO_PACKETS_IN_A_PAYLOAD,
      MAX_SOCKET_IO_ATTACHMENTS,
      MAX_SOCKET_IO_NAMESPACE_LENGTH,
      MAX_SOCKET_IO_DEPTH,
    },
  },
];
