/**
 * packetwalk/realnet: real programs on the simulated network, in virtual time. Import it before the libraries that are to
 * run on it: some take functions out of Node's modules when they load.
 */

import { patchBuiltIns } from './patches.ts';

patchBuiltIns();

export type { Escape } from './escapes.ts';
export { hashOf, recordingOf } from './evidence.ts';
export type { LinkSettings } from './link-change.ts';
export { type SimulateOptions, simulate, type Topology } from './simulate.ts';
export { Simulation } from './simulation.ts';
export { assertSeen, matchers, type Seen, trial } from './test-helpers.ts';
export { type Divergence, runTwice } from './twice.ts';
export type { VirtualHost } from './virtual-host.ts';
