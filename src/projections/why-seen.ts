/** What a capture tells of a moment: only what was seen, and what Wireshark's rules conclude from it. */

import { fieldText } from '../layers/codecs.ts';
import type { Chronicle } from './chronicle.ts';
import { duration } from './time.ts';

/** What the sequence numbers suggest, for the fields that say so. */
const SUSPICIONS: Readonly<Record<string, string>> = {
  'tcp.analysis.retransmission': 'these octets were sent before: the sender’s timer ran out',
  'tcp.analysis.fast_retransmission': 'sent again after duplicate acknowledgments',
  'tcp.analysis.spurious_retransmission': 'sent again although it was acknowledged',
  'tcp.analysis.out_of_order': 'another segment overtook it',
  'tcp.analysis.lost_segment': 'the segment before it was not captured',
  'tcp.analysis.ack_lost_segment': 'it acknowledges what was not captured',
  'tcp.analysis.duplicate_ack': 'it repeats an acknowledgment: something is missing at the receiver',
  'tcp.analysis.zero_window': 'the receiver has no room',
  'tcp.analysis.zero_window_probe': 'it asks whether there is room again',
  'tcp.analysis.window_update': 'the receiver has more room',
  'tcp.analysis.window_full': 'it fills the window of the receiver',
  'tcp.analysis.keep_alive': 'it only asks whether the other side is there',
  'tcp.analysis.reused_ports': 'a new connection on the ports of an old one',
};

export function whySeen(chronicle: Chronicle, seq: number): string {
  const entry = chronicle.entries[seq];
  const passage = entry ? chronicle.crossings.ofEntry(entry) : null;
  if (!entry || !passage) return 'Nothing was captured.';
  const { layers, source, destination, info } = chronicle.frames.dissectionOf(passage.index);
  const before = chronicle.crossings.all[passage.index - 1];
  const beforeNs = before ? chronicle.entries[before.takenSeq]?.atNs : undefined;
  const since = beforeNs === undefined ? '' : `, ${duration(entry.atNs - beforeNs)} after the frame before it`;
  const fields = layers.flatMap((layer) => layer.fields);
  const suspicions = fields.flatMap(({ type }) => SUSPICIONS[type.name] ?? []);
  const acknowledged = fields.find(({ type }) => type.name === 'tcp.analysis.acks_frame');
  const answers = acknowledged ? ` It acknowledges frame ${fieldText(acknowledged)}.` : '';
  const what = suspicions.length > 0 ? ` ${sentence(suspicions.join(', '))}.` : '';
  return `Captured: ${source || '?'} → ${destination || '?'}${since}. ${info}.${what}${answers}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
