import type { Kernel } from '../../../kernel/kernel.ts';
import type { Pdu } from '../../pdu.ts';
import type { PhysicalService, PhysicalUser } from '../service.ts';
import { type CableEnd, Channel, type Crossings } from './channel.ts';
import type { Impairments } from './impairments.ts';

/** A full-duplex cable between two ports: two channels that know nothing of each other. */
export class Cable {
  readonly id: string;
  readonly aToB: Channel;
  readonly bToA: Channel;
  readonly a: PhysicalService;
  readonly b: PhysicalService;

  constructor(
    kernel: Kernel,
    id: string,
    a: CableEnd,
    b: CableEnd,
    aToB: Impairments,
    bToA: Impairments,
    crossings: Crossings,
  ) {
    this.id = id;
    this.aToB = new Channel(kernel, id, 'a-to-b', a, b, aToB, crossings);
    this.bToA = new Channel(kernel, id, 'b-to-a', b, a, bToA, crossings);
    this.a = new Port(this.aToB, this.bToA);
    this.b = new Port(this.bToA, this.aToB);
  }
}

class Port implements PhysicalService {
  readonly #out: Channel;
  readonly #in: Channel;

  constructor(out: Channel, inward: Channel) {
    this.#out = out;
    this.#in = inward;
  }

  transmit(frame: Pdu, damaged: boolean): void {
    this.#out.transmit(frame, damaged);
  }

  attach(user: PhysicalUser): void {
    this.#in.user = user;
  }
}
