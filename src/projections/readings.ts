/** What octets are to whoever reads them, under one roof with the other projections. */

export { type Reading, readingsOf } from '../layers/dissect/readings.ts';
