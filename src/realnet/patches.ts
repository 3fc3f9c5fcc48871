/** All patches, once for a process. Outside of simulated hosts everything stays what it was. */

import module from 'node:module';
import { patchChance } from './chance-patches.ts';
import { patchClock } from './clock-patches.ts';
import { patchDns } from './dns-patches.ts';
import { patchHttp } from './http-patches.ts';
import { patchNet } from './net-patches.ts';
import { patchTimers } from './timer-patches.ts';
import { patchTls } from './tls-patches.ts';
import { patchZlib } from './zlib-patches.ts';

const DONE = Symbol.for('packetwalk.realnet.patched');

/**
 * Libraries take functions out of built-ins when they load (`const { randomFillSync } = require('crypto')`), so this
 * comes before them. A second copy of this module in one process works by the patches of the first.
 */
export function patchBuiltIns(): void {
  const holder = globalThis as unknown as Record<symbol, boolean | undefined>;
  if (holder[DONE]) return;
  holder[DONE] = true;
  patchTimers();
  patchClock();
  patchChance();
  patchZlib();
  patchDns();
  patchNet();
  patchTls();
  patchHttp();
  module.syncBuiltinESMExports();
}
