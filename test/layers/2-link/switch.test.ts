import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { Hub } from '../../../src/layers/1-physical/hub/hub.ts';
import type { PhysicalService, PhysicalUser } from '../../../src/layers/1-physical/service.ts';
import { writeEthernet } from '../../../src/layers/2-link/ethernet/header.ts';
import { Switch } from '../../../src/layers/2-link/switch/switch.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { MAC_BROADCAST } from '../../../src/wire/address.ts';

const A = 0x020000000001;
const B = 0x020000000002;
const SECOND = 1_000_000_000;

function device(kind: 'switch' | 'hub', ports = 4) {
  const kernel = new Kernel('1', new Journal(true));
  const out: number[] = [];
  const users: (PhysicalUser | null)[] = new Array(ports).fill(null);
  const services = users.map(
    (_, index): PhysicalService => ({
      transmit: () => out.push(index),
      attach: (user) => {
        users[index] = user;
      },
    }),
  );
  if (kind === 'hub') new Hub(services);
  else
    new Switch(
      new Context(kernel, 'sw'),
      services.map((port, index) => ({ name: `p${index}`, port })),
    );
  /** The ports that a frame leaves by. */
  const pass = (ingress: number, source: number, destination: number, damaged = false) => {
    out.length = 0;
    const frame = Pdu.withRoom(64);
    writeEthernet(frame.bytes, frame.start, destination, source, 0x0800);
    users[ingress]?.onFrame(frame, damaged);
    return [...out];
  };
  const wait = (seconds: number) => {
    kernel.after(seconds * SECOND, () => {});
    kernel.step();
  };
  const reasons = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
  return { pass, wait, reasons };
}

describe('a learning switch (IEEE 802.1D)', () => {
  it('floods what it does not know, to every port but the one it came from', () => {
    expect(device('switch').pass(1, A, B)).toEqual([0, 2, 3]);
  });

  it('learns sources and forwards to one port', () => {
    const { pass } = device('switch');
    pass(0, A, B);
    expect(pass(2, B, A)).toEqual([0]);
    expect(pass(0, A, B)).toEqual([2]);
  });

  it('filters what is on the port it came from', () => {
    const { pass, reasons } = device('switch');
    pass(1, A, MAC_BROADCAST);
    expect(pass(1, B, A)).toEqual([]);
    expect(reasons()).toEqual(['filtered']);
  });

  it('floods broadcast and group addresses and never learns one as a source', () => {
    const { pass } = device('switch');
    expect(pass(0, A, MAC_BROADCAST)).toEqual([1, 2, 3]);
    expect(pass(0, A, 0x01005e000001)).toEqual([1, 2, 3]);
    pass(3, 0x01005e000001, A);
    expect(pass(0, A, 0x01005e000001)).toEqual([1, 2, 3]);
  });

  it('a host that moves is found at its new port at once', () => {
    const { pass } = device('switch');
    pass(0, A, B);
    pass(3, A, B);
    expect(pass(1, B, A)).toEqual([3]);
  });

  it('forgets after 300 s of silence', () => {
    const { pass, wait } = device('switch');
    pass(0, A, B);
    wait(299);
    expect(pass(1, B, A)).toEqual([0]);
    wait(2);
    expect(pass(1, B, A)).toEqual([0, 2, 3]);
  });

  it('never forwards 01-80-C2-00-00-00 to -0F', () => {
    const { pass } = device('switch');
    expect([pass(0, A, 0x0180c2000000), pass(0, A, 0x0180c200000f), pass(0, A, 0x0180c2000010).length]).toEqual([
      [],
      [],
      3,
    ]);
  });

  it('stores before it forwards: a damaged frame goes no further', () => {
    const { pass, reasons } = device('switch');
    expect(pass(0, A, B, true)).toEqual([]);
    expect(reasons()).toEqual(['corrupted']);
  });
});

describe('a hub', () => {
  it('repeats everything everywhere, damaged or not', () => {
    const { pass } = device('hub');
    pass(0, A, B);
    expect(pass(2, B, A)).toEqual([0, 1, 3]);
    expect(pass(2, B, A, true)).toEqual([0, 1, 3]);
  });
});
