/** What the journal says: entries, and the kinds of events in them. */

/** Whole nanoseconds since the start of the run: exact for 104 days. */
export type Nanos = number;

export type LayerNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Why a frame, packet, segment, byte or message ended before it was delivered. Nothing ends without one. */
export type DropReason =
  | 'lost'
  | 'scripted'
  | 'link-down'
  | 'queue-full'
  | 'aqm'
  | 'corrupted'
  | 'not-for-us'
  | 'malformed'
  | 'checksum'
  | 'unknown-protocol'
  | 'no-route'
  | 'no-link'
  | 'unresolved'
  | 'ttl-expired'
  | 'too-big'
  | 'martian'
  | 'filtered'
  | 'no-listener'
  | 'no-connection'
  | 'out-of-window'
  | 'duplicate'
  | 'not-acceptable'
  | 'buffer-full'
  | 'reset'
  | 'closed'
  | 'timed-out'
  | 'partitioned'
  | 'crashed'
  | 'volatile'
  | 'expired';

/** One row of a table (ARP cache, MAC table, routes, DNS cache) that appeared, changed or went. */
export interface TableChange {
  readonly table: string;
  readonly key: string;
  /** null: the row was removed. */
  readonly row: Readonly<Record<string, string | number | boolean>> | null;
  readonly because: string;
}

/** A PDU took its header here: bytes are header, payload and trailer as they leave this layer. */
export interface Encoded {
  readonly kind: 'encoded';
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly bytes: Uint8Array;
  /** Entries of the PDUs of the layer above that lie inside. */
  readonly carries: readonly number[];
  /** The interface, for layers 1 and 2; the machine (`tcp.http`) above. */
  readonly via: string;
  /** Layer 7: the conversation that the message belongs to, in the same words at both of its ends; see `ledger.ts`. */
  readonly conversation?: string;
}

/** A PDU was accepted here; bytes are the whole PDU of this layer. */
export interface Decoded {
  readonly kind: 'decoded';
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly bytes: Uint8Array;
  /** The `encoded` entries that this is the other end of. Ground truth: no host could know it. */
  readonly carries: readonly number[];
  readonly via: string;
  readonly conversation?: string;
}

/**
 * A frame at one end of a link. `queued`: it waits for the transmitter; `departed`: its first bit leaves; `arrived`: its
 * last bit is there. `frame` numbers one crossing of one link and ties the three together.
 */
export interface OnLink {
  readonly kind: 'queued' | 'departed' | 'arrived';
  readonly layer: 1;
  readonly link: string;
  readonly interface: string;
  readonly frame: number;
  /** Ethernet header to FCS. */
  readonly bytes: Uint8Array;
  readonly carries: readonly number[];
  /** queued: frames that wait, this one included. departed: ns until its last bit arrives. arrived: 0. */
  readonly measure: number;
}

export interface Dropped {
  readonly kind: 'dropped';
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly reason: DropReason;
  /** A sentence for people: which rule, which limit, which number. */
  readonly detail: string;
  /** The bytes that ended here, so that a filter can still look at them. */
  readonly bytes: Uint8Array;
  readonly carries: readonly number[];
  /** On a link: its id and the crossing; elsewhere '' and 0. */
  readonly link: string;
  readonly frame: number;
  readonly via: string;
}

export interface StateChanged {
  readonly kind: 'state';
  readonly layer: LayerNumber;
  readonly protocol: string;
  /** `tcp.http`: with the node before it and `.state` behind, the path that `expect` uses. */
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

export interface Measured {
  readonly kind: 'metric';
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly machine: string;
  readonly name: string;
  readonly value: number;
}

export interface TimerChanged {
  readonly kind: 'timer';
  readonly layer: LayerNumber;
  readonly machine: string;
  readonly name: string;
  readonly phase: 'set' | 'fired' | 'cleared';
  readonly dueNs: Nanos;
}

export interface TableChanged {
  readonly kind: 'table';
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly change: TableChange;
}

/** `input`: something from outside the model (the timeline, a person); `app`: an application says what it did or saw. */
export interface Told {
  readonly kind: 'input' | 'app';
  readonly layer: 7;
  readonly machine: string;
  readonly text: string;
}

export type Event = Encoded | Decoded | OnLink | Dropped | StateChanged | Measured | TimerChanged | TableChanged | Told;

export interface Entry {
  /** Its place in the journal, from 0. */
  readonly seq: number;
  readonly atNs: Nanos;
  /** The node's name; the link's id for what happens on the wire between nodes. */
  readonly node: string;
  readonly cause: number | null;
  /** The event's: to know it costs nothing, and the event is made when it is looked at. */
  readonly kind: Event['kind'];
  readonly event: Event;
}
