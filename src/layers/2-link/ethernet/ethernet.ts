import type { Context } from '../../../kernel/context.ts';
import { isGroupMac, type Mac, macHigh, macLow } from '../../../wire/address.ts';
import type { PhysicalService, PhysicalUser } from '../../1-physical/service.ts';
import { drop } from '../../drop.ts';
import { opened, type Pdu, sealed } from '../../pdu.ts';
import type { FrameService, FrameUser } from '../service.ts';
import {
  completeFrame,
  destinationOf,
  ETHER_TYPE,
  ETHERNET_HEADER_BYTES,
  etherTypeOf,
  FCS_BYTES,
  isFor,
  LEAST_PAYLOAD_BYTES,
  writeEthernetParts,
} from './header.ts';

/** A network interface card: frames payloads, checks and filters what arrives. */
export class EthernetInterface implements FrameService, PhysicalUser {
  // What every frame asks for comes first and lies together.
  readonly #context: Context;
  /** The address as whole numbers of 16 and of 32 bits, the latter signed: what every frame is compared with. */
  readonly #macHigh: number;
  readonly #macLow: number;
  /** The type that came last, and whose it is: most frames of a link are of one. */
  #lastType = -1;
  #lastUser: FrameUser | undefined;
  mtuBytes: number;
  readonly #port: PhysicalService;
  readonly name: string;
  readonly mac: Mac;
  readonly #users = new Map<number, FrameUser>();
  readonly #groups = new Set<Mac>();

  constructor(context: Context, name: string, mac: Mac, mtuBytes: number, port: PhysicalService) {
    this.#context = context;
    this.name = name;
    this.mac = mac;
    this.#macHigh = macHigh(mac);
    this.#macLow = macLow(mac);
    this.mtuBytes = mtuBytes;
    this.#port = port;
    context.journal.completeBy(completeFrame);
    port.attach(this);
  }

  register(etherType: number, user: FrameUser): void {
    this.#users.set(etherType, user);
    this.#lastType = -1;
  }

  join(group: Mac): void {
    this.#groups.add(group);
  }

  userOf(etherType: number): FrameUser | undefined {
    if (etherType === this.#lastType) return this.#lastUser;
    this.#lastType = etherType;
    this.#lastUser = this.#users.get(etherType);
    return this.#lastUser;
  }

  send(pdu: Pdu, etherType: number, destination: Mac): void {
    this.sendTo(pdu, etherType, macHigh(destination), macLow(destination));
  }

  sendTo(pdu: Pdu, etherType: number, high: number, low: number): void {
    const context = this.#context;
    // Whoever puts a tag in front has seen to the MTU, which a tag does not count in.
    if (pdu.length > this.mtuBytes && etherType !== ETHER_TYPE.vlan) {
      const detail = `${pdu.length} octets do not fit the MTU of ${this.mtuBytes}`;
      drop(context, pdu, 2, 'ethernet', this.name, 'too-big', detail);
      return;
    }
    const padding = LEAST_PAYLOAD_BYTES - pdu.length;
    if (padding > 0) {
      pdu.bytes.fill(0, pdu.end, pdu.end + padding);
      pdu.end += padding;
    }
    const at = pdu.seal(ETHERNET_HEADER_BYTES);
    writeEthernetParts(pdu.bytes, at, high, low, this.#macHigh, this.#macLow, etherType);
    pdu.end += FCS_BYTES;
    // A frame that nobody looks at has an FCS all the same: whether it matches is known without computing it.
    if (context.recording) pdu.fcsEnd = pdu.end;
    const was = sealed(context, pdu, 2, 'ethernet', this.name);
    this.#port.transmit(pdu, false);
    context.resume(was);
  }

  onFrame(frame: Pdu, damaged: boolean): void {
    const context = this.#context;
    if (!context.isOn) {
      if (context.power.isOff) drop(context, frame, 2, 'ethernet', this.name, 'crashed', 'the node is down');
      else context.power.hold(() => this.onFrame(frame, damaged));
      return;
    }
    if (damaged) {
      const detail = 'the frame check sequence does not match: bits were flipped on the way';
      drop(context, frame, 2, 'ethernet', this.name, 'corrupted', detail);
      frame.release();
      return;
    }
    if (frame.length < ETHERNET_HEADER_BYTES + FCS_BYTES) {
      drop(context, frame, 2, 'ethernet', this.name, 'malformed', `a runt of ${frame.length} octets`);
      return;
    }
    const isForUs = isFor(frame.bytes, frame.start, this.#macHigh, this.#macLow);
    if (!isForUs && !this.#listensTo(frame)) return;
    const etherType = etherTypeOf(frame.bytes, frame.start);
    const user = this.userOf(etherType);
    if (!user) {
      const detail = `nobody here understands EtherType 0x${etherType.toString(16).padStart(4, '0')}`;
      drop(context, frame, 2, 'ethernet', this.name, 'unknown-protocol', detail);
      return;
    }
    opened(context, frame, 2, 'ethernet', this.name);
    frame.end -= FCS_BYTES;
    frame.open(ETHERNET_HEADER_BYTES);
    user.onPayload(frame, !isForUs);
  }

  /** Of what is not for this card alone: whether it is for a group that the card hears. */
  #listensTo(frame: Pdu): boolean {
    const destination = destinationOf(frame.bytes, frame.start);
    if (isGroupMac(destination) && (!isIpv6Group(destination) || this.#groups.has(destination))) return true;
    const detail = isGroupMac(destination)
      ? 'the card does not listen to this group'
      : 'the destination MAC address is another one';
    drop(this.#context, frame, 2, 'ethernet', this.name, 'not-for-us', detail);
    return false;
  }
}

/** 33:33:… (RFC 2464 section 7): what cards filter, so that a question to one host does not disturb the others. */
function isIpv6Group(destination: Mac): boolean {
  return Math.floor(destination / 0x100000000) === 0x3333;
}
