/**
 * Frames on a byte stream: each as its length, two octets, most significant first, and its octets. A length of zero is
 * no frame: bridges say by it that they are ready.
 */

export type FrameKind = 'packet' | 'ethernet' | 'any';

/** What of the input is wrong, and at which octet of it, from 0. */
export class FrameProblem extends Error {
  override readonly name = 'FrameProblem';
  readonly code: 'PW1201' | 'PW1202';
  readonly offset: number;

  constructor(code: 'PW1201' | 'PW1202', offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

const LENGTH_BYTES = 2;

export class FrameReader {
  readonly #kind: FrameKind;
  readonly #onFrame: (frame: Uint8Array) => void;
  #waiting: Buffer = Buffer.alloc(0);
  /** Where in the stream `#waiting` begins. */
  #offset = 0;

  constructor(kind: FrameKind, onFrame: (frame: Uint8Array) => void) {
    this.#kind = kind;
    this.#onFrame = onFrame;
  }

  /** The next octets of the stream. Throws a FrameProblem; what was whole before it has been handed on. */
  push(octets: Buffer): void {
    let waiting = this.#waiting.length === 0 ? octets : Buffer.concat([this.#waiting, octets]);
    while (waiting.length >= LENGTH_BYTES) {
      const length = waiting.readUInt16BE();
      if (waiting.length < LENGTH_BYTES + length) break;
      const frame = waiting.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      if (length > 0) {
        this.#check(frame);
        this.#onFrame(frame);
      }
      waiting = waiting.subarray(LENGTH_BYTES + length);
      this.#offset += LENGTH_BYTES + length;
    }
    this.#waiting = waiting;
  }

  /** The stream has ended. Throws a FrameProblem where it ended within a frame. */
  end(): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    const end = this.#offset + length;
    if (length < LENGTH_BYTES) throw new FrameProblem('PW1201', end, 'the input ends within a length of two octets');
    const said = this.#waiting.readUInt16BE();
    const message = `the input ends after ${length - LENGTH_BYTES} octets of a frame of ${said}`;
    throw new FrameProblem('PW1201', end, message);
  }

  #check(frame: Buffer): void {
    if (this.#kind === 'any') return;
    const problem = this.#kind === 'ethernet' ? ethernetProblem(frame) : packetProblem(frame);
    if (problem !== null) throw new FrameProblem('PW1202', this.#offset + LENGTH_BYTES, problem);
  }
}

/** Only what no bridge can send: that the frame makes sense is for those to judge who get it. */
function ethernetProblem({ length }: Buffer): string | null {
  return length < 14 ? `an Ethernet frame has a header of 14 octets, this one has ${length}` : null;
}

function packetProblem(frame: Buffer): string | null {
  const version = (frame[0] ?? 0) >>> 4;
  if (version !== 4 && version !== 6) {
    return `an IP packet begins with its version, 4 or 6; this one begins with ${version} (--tap takes Ethernet frames)`;
  }
  const least = version === 4 ? 20 : 40;
  return frame.length < least
    ? `an IPv${version} header has at least ${least} octets, this packet has ${frame.length}`
    : null;
}

/** A frame as the stream carries it. */
export function framed(frame: Uint8Array): Buffer {
  const octets = Buffer.alloc(LENGTH_BYTES + frame.length);
  octets.writeUInt16BE(frame.length);
  octets.set(frame, LENGTH_BYTES);
  return octets;
}
