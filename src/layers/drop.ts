import type { Context } from '../kernel/context.ts';
import type { DropReason, LayerNumber } from '../kernel/journal.ts';
import type { Pdu } from './pdu.ts';

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
  if (!context.recording) return;
  context.record({
    kind: 'dropped',
    layer,
    protocol,
    reason,
    detail,
    bytes: pdu.shown(),
    carries: pdu.carries,
    link: '',
    frame: 0,
    via,
  });
}
