/** A frame as a capture file holds it, and the interface that saw it. */

export interface CaptureInterface {
  /** The section of the file, from 1. */
  readonly section: number;
  /** In its section, from 0; null in classic pcap, which has one that is not described. */
  readonly id: number | null;
  /** As libpcap numbers them: 1 is Ethernet. */
  readonly linkType: number;
  /** 0: nothing is cut. */
  readonly snapLength: number;
  /** null: the file does not say. */
  readonly name: string | null;
  readonly description: string | null;
  /** Octets of the frame check sequence that frames end with; null: nobody said. */
  readonly fcsBytes: number | null;
}

export interface CapturedFrame {
  /** From 1, over all sections and interfaces. */
  readonly number: number;
  /** Where its record begins in the file. */
  readonly offset: number;
  /** ns since 1970-01-01T00:00:00Z; null: a simple packet block, which has no time. */
  readonly timeNs: bigint | null;
  readonly interface: CaptureInterface;
  /** What was captured; a view of the chunk it came in, or a copy. */
  readonly bytes: Uint8Array;
  /** Octets on the wire, at least as many as were captured. */
  readonly originalLength: number;
  readonly direction: 'inbound' | 'outbound' | null;
  readonly comments: readonly string[];
  /** As in `CaptureInterface`, where the packet says otherwise. */
  readonly fcsBytes: number | null;
}
