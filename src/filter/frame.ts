/** What a filter is asked about. */

import type { Dissection } from '../layers/field.ts';

export interface FilterFrame {
  /** Layers and fields. A filter looks only into the layers that it names. */
  readonly dissection: Dissection;
  /** The octets that the layers' offsets count in, unless a layer has octets of its own. */
  readonly bytes: Uint8Array;
  /** The field `node`: who sent it, and who received it where it arrived. */
  readonly nodes?: readonly string[];
  /** The field `link`: the id of the link it crosses. */
  readonly link?: string | null;
  /** The field `layer`: the layer at which it is seen, 1 to 7. */
  readonly layer?: number | null;
  /** The field `pw.lost`: it never arrived. */
  readonly lost?: boolean | null;
  /** The field `pw.reason`: why it was lost, in the journal's word. */
  readonly reason?: string | null;
}
