import type { Context } from '../kernel/context.ts';
import type { DropReason, LayerNumber } from '../kernel/journal.ts';
import type { Pdu } from './pdu.ts';

/** Of what a crash takes along: nothing below had it yet. */
export const WAITED_IN_MEMORY = 'it waited in memory when the node crashed';

/** Journals that a PDU ends here and why. `detail` is a sentence for people: which rule, which limit, which number. */
export function drop(
  context: Context,
  pdu: Pdu,
  layer: LayerNumber,
  protocol: string,
  via: string,
  reason: DropReason,
  detail: string,
): void {
  if (context.recording) dropOctets(context, pdu.shown(), pdu.carries, layer, protocol, via, reason, detail);
}

/** The same of octets that are in no packet, or not yet, and of the entries that they belong to. */
export function dropOctets(
  context: Context,
  bytes: Uint8Array,
  carries: readonly number[],
  layer: LayerNumber,
  protocol: string,
  via: string,
  reason: DropReason,
  detail: string,
): void {
  if (!context.recording) return;
  context.record({ kind: 'dropped', layer, protocol, reason, detail, bytes, carries, link: '', frame: 0, via });
}
