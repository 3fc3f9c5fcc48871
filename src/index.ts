/** packetwalk's public face: scenarios in, runs out. */

export type { Entry, Event, Nanos } from './kernel/journal.ts';
export type { Scenario } from './scenario/scenario.ts';
export { createRun, type Input, Run, type RunOptions } from './world/run.ts';
