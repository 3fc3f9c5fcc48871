/** What a connection still held when it ended is journalled with the reason: the rest of both its buffers. */

import type { Context } from '../../../kernel/context.ts';
import type { DropReason } from '../../../kernel/journal.ts';
import { dropOctets } from '../../drop.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import type { SendBuffer } from './send-buffer.ts';

export interface Ending {
  readonly context: Context;
  /** The connection's name in the journal. */
  readonly machine: string;
  readonly reason: DropReason;
  readonly because: string;
}

/** What was written and never acknowledged. Some of it may have arrived: nobody here knows. */
export function dropUnacknowledged(ending: Ending, buffer: SendBuffer): void {
  const { length } = buffer;
  if (!ending.context.recording || length === 0) return;
  const bytes = new Uint8Array(length);
  buffer.copy(0, length, bytes, 0);
  record(ending, 'not acknowledged yet', bytes, buffer.entriesIn(0, length));
}

/** What was acknowledged, so that the peer holds it no more, and nobody had read: whoever reads on gets nothing. */
export function dropUnread(ending: Ending, buffer: ReceiveBuffer): void {
  if (buffer.readableBytes === 0) return;
  const { carries } = buffer;
  const bytes = buffer.read(buffer.readableBytes);
  if (ending.context.recording) record(ending, 'acknowledged and not read yet', bytes, carries);
}

function record(
  { context, machine, reason, because }: Ending,
  what: string,
  bytes: Uint8Array,
  carries: readonly number[],
): void {
  const octets = bytes.length === 1 ? '1 octet was' : `${bytes.length} octets were`;
  const detail = `${because}, and ${octets} ${what}`;
  dropOctets(context, bytes, carries, 4, 'tcp', machine, reason, detail);
}
