/** One frame as it is read: layers and columns are put together lazily, so that a filter pays only for what it asks. */

import type { LayerNumber, Nanos } from '../../kernel/journal.ts';
import type { Dissection, Field, ProtocolLayer } from '../field.ts';

/** What a dissector is given. */
export interface ReadFrame {
  /** The octets that were captured. */
  readonly bytes: Uint8Array;
  /** From 1, as Wireshark counts. */
  readonly number: number;
  /** Since the moment that the dissector calls its epoch. */
  readonly atNs: Nanos;
  /** Do the last four octets hold the FCS? null: nobody said, and it is guessed as Wireshark guesses. */
  readonly fcs: boolean | null;
  /** The link type of the capture file; default 1, Ethernet. */
  readonly linkType?: number;
  /** Octets on the wire; default: as many as were captured. */
  readonly originalLength?: number;
  readonly interfaceId?: number;
  readonly interfaceName?: string;
  readonly direction?: 'inbound' | 'outbound';
  readonly comment?: string | null;
}

/** A protocol as readers know it. */
export interface Protocol {
  /** Wireshark's filter name: `ip`. */
  readonly name: string;
  readonly title: string;
  readonly layer: LayerNumber;
  readonly meaning: string;
}

export class Layer implements ProtocolLayer {
  readonly protocol: string;
  readonly title: string;
  readonly layer: LayerNumber;
  readonly at: number;
  readonly length: number;
  readonly extent: number;
  readonly source?: Uint8Array;
  readonly #text: () => string;
  readonly #build: () => Field[];
  #fields: readonly Field[] | null = null;

  constructor(
    protocol: Protocol,
    at: number,
    length: number,
    text: () => string,
    build: () => Field[],
    extent: number,
    source?: Uint8Array,
  ) {
    this.protocol = protocol.name;
    this.title = protocol.title;
    this.layer = protocol.layer;
    this.at = at;
    this.length = length;
    this.extent = extent;
    this.#text = text;
    this.#build = build;
    if (source) this.source = source;
  }

  get text(): string {
    return this.#text();
  }

  get fields(): readonly Field[] {
    this.#fields ??= this.#build();
    return this.#fields;
  }
}

type InfoPart = string | (() => string) | { readonly apart: string } | { readonly listed: () => string };

export class FrameDissection implements Dissection {
  readonly frame: ReadFrame;
  readonly layers: Layer[] = [];
  /** What `frame.protocols` lists. */
  readonly protocols: string[] = [];
  protocol = '';
  /** True inside the packet that an ICMP error quotes: the columns say what the error says. */
  quoting = false;
  /** The VLAN of the innermost tag: its fragments are another VLAN's none. */
  vlan = 0;
  #source: () => string = () => '';
  #destination: () => string = () => '';
  readonly #info: InfoPart[] = [];
  /** How many parts stay. */
  #fixed = 0;

  constructor(frame: ReadFrame) {
    this.frame = frame;
  }

  get source(): string {
    return this.#source();
  }

  get destination(): string {
    return this.#destination();
  }

  get info(): string {
    let text = '';
    for (const part of this.#info) {
      if (typeof part === 'string') text += part;
      else if (typeof part === 'function') text += part();
      else if ('apart' in part) text += text === '' ? part.apart : ` ${part.apart}`;
      else text += text === '' ? part.listed() : `, ${part.listed()}`;
    }
    return text;
  }

  /**
   * Adds a protocol found at bytes[at..at + length); `bytes` other than the frame's were put together from several.
   * `extent`: with what the header carries; left out where `length` is the whole message.
   */
  add(
    protocol: Protocol,
    bytes: Uint8Array,
    at: number,
    length: number,
    text: () => string,
    build: () => Field[],
    extent = length,
  ): void {
    const source = bytes === this.frame.bytes ? undefined : bytes;
    this.layers.push(new Layer(protocol, at, length, text, build, extent, source));
    this.protocols.push(protocol.name);
  }

  setAddresses(source: () => string, destination: () => string): void {
    if (this.quoting) return;
    this.#source = source;
    this.#destination = destination;
  }

  setProtocol(protocol: string): void {
    if (!this.quoting) this.protocol = protocol;
  }

  /** Says something else than before, behind what `fenceInfo` has fixed. */
  setInfo(part: InfoPart): void {
    if (!this.quoting) this.#info.splice(this.#fixed, Number.POSITIVE_INFINITY, part);
  }

  /** What the info column says now stays, and what comes is put behind it. */
  fenceInfo(): void {
    if (!this.quoting) this.#fixed = this.#info.length;
  }

  /** `apart`: with a blank before it, where something stands before it. */
  appendInfo(part: InfoPart): void {
    if (!this.quoting) this.#info.push(part);
  }
}
