/** Builds capture files octet by octet, right ones and wrong ones. */

export type Order = 'little' | 'big';

/** Writes integers in one byte order. */
export class Bytes {
  readonly #octets: number[] = [];
  readonly #isBig: boolean;

  constructor(order: Order) {
    this.#isBig = order === 'big';
  }

  #put(value: bigint, length: number): this {
    const octets = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
    this.#octets.push(...(this.#isBig ? octets.reverse() : octets));
    return this;
  }

  u8(value: number): this {
    return this.#put(BigInt(value), 1);
  }

  u16(value: number): this {
    return this.#put(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.#put(BigInt(value), 4);
  }

  i64(value: bigint): this {
    return this.#put(BigInt.asUintN(64, value), 8);
  }

  raw(octets: Iterable<number>): this {
    for (const octet of octets) this.#octets.push(octet);
    return this;
  }

  pad(): this {
    while (this.#octets.length % 4 !== 0) this.#octets.push(0);
    return this;
  }

  get length(): number {
    return this.#octets.length;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#octets);
  }
}

export interface PcapRecord {
  readonly seconds: number;
  readonly part: number;
  readonly bytes: Uint8Array;
  readonly captured?: number;
  readonly original?: number;
}

export interface PcapHeader {
  readonly order?: Order;
  readonly magic?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly snapLength?: number;
  readonly network?: number;
}

export function pcapHeader(header: PcapHeader = {}): Uint8Array {
  const { order = 'little', magic = 0xa1b2c3d4, major = 2, minor = 4, snapLength = 262144, network = 1 } = header;
  return new Bytes(order).u32(magic).u16(major).u16(minor).u32(0).u32(0).u32(snapLength).u32(network).done();
}

export function pcapRecord({ seconds, part, bytes, ...lengths }: PcapRecord, header: PcapHeader = {}): Uint8Array {
  const { captured = bytes.length, original = bytes.length } = lengths;
  const record = new Bytes(header.order ?? 'little').u32(seconds).u32(part).u32(captured).u32(original);
  if (header.magic === 0xa1b2cd34) record.u32(7).u16(0x0800).u8(4).u8(0);
  return record.raw(bytes).done();
}

export function pcap(records: readonly PcapRecord[], header: PcapHeader = {}): Uint8Array {
  return joined(pcapHeader(header), ...records.map((record) => pcapRecord(record, header)));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export interface Option {
  readonly code: number;
  readonly value: Uint8Array;
  /** Other than the value's own. */
  readonly length?: number;
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Blocks of pcapng in one byte order. */
export class Blocks {
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }

  bytes(): Bytes {
    return new Bytes(this.order);
  }

  block(type: number, body: Uint8Array, lengths: { length?: number; trailer?: number } = {}): Uint8Array {
    const padded = this.bytes().raw(body).pad().done();
    const { length = padded.length + 12 } = lengths;
    return this.bytes()
      .u32(type)
      .u32(length)
      .raw(padded)
      .u32(lengths.trailer ?? length)
      .done();
  }

  options(options: readonly Option[], hasEnd = true): Uint8Array {
    const bytes = this.bytes();
    for (const { code, value, length = value.length } of options) bytes.u16(code).u16(length).raw(value).pad();
    if (hasEnd && options.length > 0) bytes.u16(0).u16(0);
    return bytes.done();
  }

  section(sectionLength = -1n, version: readonly [number, number] = [1, 0]): Uint8Array {
    const body = this.bytes().u32(0x1a2b3c4d).u16(version[0]).u16(version[1]).i64(sectionLength);
    return this.block(0x0a0d0d0a, body.done());
  }

  interface(options: readonly Option[] = [], linkType = 1, snapLength = 0): Uint8Array {
    const body = this.bytes().u16(linkType).u16(0).u32(snapLength).raw(this.options(options));
    return this.block(1, body.done());
  }

  /** An option whose value is one octet. */
  static octet(code: number, value: number): Option {
    return { code, value: Uint8Array.of(value) };
  }

  resolution(value: number): Option {
    return Blocks.octet(9, value);
  }

  timeOffset(seconds: bigint): Option {
    return { code: 14, value: this.bytes().i64(seconds).done() };
  }

  flags(value: number): Option {
    return { code: 2, value: this.bytes().u32(value).done() };
  }

  enhanced(
    bytes: Uint8Array,
    ticks: bigint,
    rest: {
      id?: number;
      captured?: number;
      original?: number;
      options?: readonly Option[];
      optionBytes?: Uint8Array;
    } = {},
  ): Uint8Array {
    const { id = 0, captured = bytes.length, original = bytes.length } = rest;
    const body = this.bytes().u32(id);
    body.u32(Number(ticks >> 32n)).u32(Number(ticks & 0xffffffffn));
    body.u32(captured).u32(original).raw(bytes).pad();
    body.raw(rest.optionBytes ?? this.options(rest.options ?? []));
    return this.block(6, body.done());
  }

  simple(bytes: Uint8Array, original = bytes.length): Uint8Array {
    return this.block(3, this.bytes().u32(original).raw(bytes).done());
  }

  obsolete(bytes: Uint8Array, ticks: bigint, id = 0, options: readonly Option[] = []): Uint8Array {
    const body = this.bytes().u16(id).u16(0xffff);
    body.u32(Number(ticks >> 32n)).u32(Number(ticks & 0xffffffffn));
    body.u32(bytes.length).u32(bytes.length).raw(bytes).pad().raw(this.options(options));
    return this.block(2, body.done());
  }
}
