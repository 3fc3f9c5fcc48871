/** How often V8 collects garbage. */

import { setFlagsFromString } from 'node:v8';

/**
 * Lets the garbage collector run sooner. A walk keeps its whole run: what V8 saves by letting the heap double between
 * two collections is what a million entries would need twice.
 */
export function thrifty(): void {
  setFlagsFromString('--heap-growing-percent=25');
}

/** As V8 begins: what it compiled is of use only to a V8 with the same flags. */
export function lavish(): void {
  setFlagsFromString('--heap-growing-percent=0');
}
