import type { Kernel } from '../../../kernel/kernel.ts';
import type { PhysicalService } from '../service.ts';
import { type CableEnd, Channel, type Crossings } from './channel.ts';
import type { Impairments } from './impairments.ts';

/** A full-duplex cable between two ports: two channels that share nothing. */
export class Cable {
  readonly id: string;
  readonly aToB: Channel;
  readonly bToA: Channel;
  /** The ports. Each is where one channel begins and the other ends. */
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
    this.aToB.back = this.bToA;
    this.bToA.back = this.aToB;
    this.a = this.aToB;
    this.b = this.bToA;
  }
}
