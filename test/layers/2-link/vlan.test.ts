/** VLANs in a switch and on a card (IEEE 802.1Q-2018), frame by frame. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type { PhysicalService, PhysicalUser } from '../../../src/layers/1-physical/service.ts';
import { EthernetInterface } from '../../../src/layers/2-link/ethernet/ethernet.ts';
import { fcsOf, writeEthernet, writeFcs } from '../../../src/layers/2-link/ethernet/header.ts';
import { type PortVlans, Switch } from '../../../src/layers/2-link/switch/switch.ts';
import { VlanCard } from '../../../src/layers/2-link/vlan/vlan.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { MAC_BROADCAST } from '../../../src/wire/address.ts';
import { crc32 } from '../../../src/wire/checksum.ts';

const A = 0x020000000001;
const B = 0x020000000002;

/** A frame with its FCS; `tag`: 802.1Q's sixteen bits. */
function frameOf(source: number, destination: number, tag: number | null, payloadBytes = 46): Pdu {
  const head = tag === null ? 14 : 18;
  const pdu = Pdu.withRoom(head + payloadBytes + 4);
  writeEthernet(pdu.bytes, pdu.start, destination, source, tag === null ? 0x0800 : 0x8100);
  if (tag !== null) pdu.bytes.set([tag >> 8, tag & 255, 8, 0], pdu.start + 14);
  for (let at = 0; at < payloadBytes; at++) pdu.bytes[pdu.start + head + at] = at + 1;
  writeFcs(pdu.bytes, pdu.start, pdu.end - 4);
  return pdu;
}

/** `untagged 64` or `tag 10 68`: what a frame says, and its length; fails when its FCS is wrong. */
function textOf(bytes: Uint8Array): string {
  expect(crc32(bytes, 0, bytes.length - 4)).toBe(fcsOf(bytes, bytes.length));
  const isTagged = bytes[12] === 0x81 && bytes[13] === 0;
  const tag = ((bytes[14] ?? 0) << 8) | (bytes[15] ?? 0);
  const head = isTagged ? 18 : 14;
  expect([bytes[head - 2], bytes[head - 1], bytes[head], bytes[head + 41]]).toEqual([8, 0, 1, 42]);
  const priority = tag >> 13 === 0 ? '' : ` priority ${tag >> 13}`;
  return `${isTagged ? `tag ${tag & 0xfff}${priority}` : 'untagged'} ${bytes.length}`;
}

function plugs(count: number) {
  const users: (PhysicalUser | null)[] = new Array(count).fill(null);
  const out: { readonly port: number; readonly bytes: Uint8Array }[] = [];
  const services = users.map(
    (_, index): PhysicalService => ({
      transmit: (frame) => {
        frame.complete();
        out.push({ port: index, bytes: frame.view().slice() });
      },
      attach: (user) => {
        users[index] = user;
      },
    }),
  );
  return { users, out, services };
}

const access = (id: number): PortVlans => ({ untagged: id, tagged: new Set() });
const trunk = (ids: number[] | 'all', untagged: number | null = null): PortVlans => ({
  untagged,
  tagged: ids === 'all' ? ids : new Set(ids),
});

function switchWith(...vlans: PortVlans[]) {
  const kernel = new Kernel('1', new Journal(true));
  const { users, out, services } = plugs(vlans.length);
  new Switch(
    new Context(kernel, 'sw'),
    services.map((port, index) => ({ name: `p${index}`, port, vlans: vlans[index] as PortVlans })),
  );
  /** What leaves where. */
  const pass = (ingress: number, frame: Pdu) => {
    out.length = 0;
    users[ingress]?.onFrame(frame, false);
    return out.map(({ port, bytes }) => `${port}: ${textOf(bytes)}`);
  };
  const details = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
  return { pass, details, kernel };
}

describe('a switch with VLANs', () => {
  it('6.9, 8.6: floods within the VLAN, with a tag on trunks and without on access ports', () => {
    const { pass } = switchWith(access(10), access(20), access(10), trunk([10, 20]), trunk([20]));
    expect(pass(0, frameOf(A, MAC_BROADCAST, null))).toEqual(['2: untagged 64', '3: tag 10 68']);
    expect(pass(1, frameOf(A, MAC_BROADCAST, null))).toEqual(['3: tag 20 68', '4: tag 20 68']);
  });

  it('takes the tag out, pads what is too short then, and renews the FCS', () => {
    const { pass } = switchWith(trunk([10]), access(10));
    expect(pass(0, frameOf(A, MAC_BROADCAST, 10, 42))).toEqual(['1: untagged 64']);
    expect(pass(0, frameOf(A, MAC_BROADCAST, 10, 46))).toEqual(['1: untagged 64']);
    expect(pass(0, frameOf(A, MAC_BROADCAST, 10, 1500))).toEqual(['1: untagged 1518']);
    expect(pass(1, frameOf(A, MAC_BROADCAST, null, 1500))).toEqual(['0: tag 10 1522']);
  });

  it('8.8: each VLAN learns for itself: one address may be elsewhere in another', () => {
    const { pass, kernel } = switchWith(access(10), access(20), access(10), access(20));
    pass(0, frameOf(A, MAC_BROADCAST, null));
    pass(3, frameOf(A, MAC_BROADCAST, null));
    expect(pass(2, frameOf(B, A, null))).toEqual(['0: untagged 64']);
    expect(pass(1, frameOf(B, A, null))).toEqual(['3: untagged 64']);
    const rows = kernel.journal.entries.flatMap(({ event }) => (event.kind === 'table' ? [event.change] : []));
    expect(rows.slice(0, 2).map(({ key, row }) => [key, row?.port, row?.vlan])).toEqual([
      ['10.02:00:00:00:00:01', 'p0', 10],
      ['20.02:00:00:00:00:01', 'p3', 20],
    ]);
  });

  it('6.9.1: keeps a priority where there is a tag to keep it in', () => {
    const { pass } = switchWith(trunk('all'), trunk([10, 20], 20), access(10));
    expect(pass(0, frameOf(A, MAC_BROADCAST, 0xa00a))).toEqual(['1: tag 10 priority 5 68', '2: untagged 64']);
  });

  it('a native VLAN has no tag on its trunk, neither way', () => {
    const { pass } = switchWith(trunk([10], 20), trunk([10, 20]), access(20));
    expect(pass(0, frameOf(A, MAC_BROADCAST, null))).toEqual(['1: tag 20 68', '2: untagged 64']);
    expect(pass(1, frameOf(B, MAC_BROADCAST, 20))).toEqual(['0: untagged 64', '2: untagged 64']);
  });

  it('a tag of VLAN 0 says a priority only; a tag of its own VLAN is welcome on an access port', () => {
    const { pass } = switchWith(access(10), trunk([10]), access(10));
    expect(pass(0, frameOf(A, MAC_BROADCAST, 0x6000))).toEqual(['1: tag 10 priority 3 68', '2: untagged 64']);
    expect(pass(0, frameOf(A, MAC_BROADCAST, 10))).toEqual(['1: tag 10 68', '2: untagged 64']);
  });

  it('8.6.2: what comes in by a port that is no member goes nowhere, and nothing is learnt of it', () => {
    const { pass, details, kernel } = switchWith(access(10), trunk([20]), access(20));
    expect(pass(0, frameOf(A, MAC_BROADCAST, 20))).toEqual([]);
    expect(pass(1, frameOf(A, MAC_BROADCAST, 10))).toEqual([]);
    expect(pass(1, frameOf(A, MAC_BROADCAST, null))).toEqual([]);
    expect(details()).toEqual([
      'this port is no member of VLAN 20',
      'this port is no member of VLAN 10',
      'this trunk has no VLAN for frames without a tag',
    ]);
    expect(kernel.journal.entries.some(({ event }) => event.kind === 'table')).toBe(false);
  });

  it('copies before it writes: nobody else sees the tag', () => {
    const { pass } = switchWith(access(10), trunk([10]), access(10), trunk([10]));
    const frame = frameOf(A, MAC_BROADCAST, null);
    const before = [...frame.view()];
    const bytes = frame.view();
    expect(pass(0, frame)).toEqual(['1: tag 10 68', '2: untagged 64', '3: tag 10 68']);
    expect([...bytes]).toEqual(before);
  });
});

describe('VLANs on a card', () => {
  function card() {
    const kernel = new Kernel('1', new Journal(true));
    const context = new Context(kernel, 'host');
    const { users, out, services } = plugs(1);
    const ethernet = new EthernetInterface(context, 'lan', A, 1500, services[0] as PhysicalService);
    const vlans = new VlanCard(context, ethernet);
    const heard: string[] = [];
    const hear = (name: string) => ({
      onPayload: (pdu: Pdu, group: boolean) => {
        heard.push(`${name} ${pdu.bytes[pdu.start]} ${pdu.length} ${group}`);
      },
    });
    ethernet.register(0x0800, hear('lan'));
    const ten = vlans.add('lan.10', 10);
    ten.register(0x0800, hear('lan.10'));
    vlans.add('lan.20', 20).register(0x0800, hear('lan.20'));
    const details = () =>
      kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
    return { receive: (frame: Pdu) => users[0]?.onFrame(frame, false), out, heard, ten, details, ethernet };
  }

  it('each hears its own, the card what has no tag or only a priority', () => {
    const { receive, heard } = card();
    receive(frameOf(B, A, 10));
    receive(frameOf(B, MAC_BROADCAST, 0xe014));
    receive(frameOf(B, A, null));
    receive(frameOf(B, A, 0xe000));
    expect(heard).toEqual(['lan.10 1 46 false', 'lan.20 1 46 true', 'lan 1 46 false', 'lan 1 46 false']);
  });

  it('says why it drops what is for no interface, and for nobody', () => {
    const { receive, heard, details } = card();
    receive(frameOf(B, A, 30));
    const other = frameOf(B, A, 10);
    other.bytes[other.start + 17] = 6;
    receive(other);
    expect(heard).toEqual([]);
    expect(details()).toEqual(['there is no interface for VLAN 30 here', 'nobody here understands EtherType 0x806']);
  });

  it('sends with its tag, whole packets of the MTU, and no more', () => {
    const { ten, out, details, ethernet } = card();
    const packet = (bytes: number) => Pdu.around(Uint8Array.from({ length: bytes }, (_, at) => (at + 1) & 255));
    ten.send(packet(42), 0x0800, B);
    ten.send(packet(1500), 0x0800, B);
    ten.send(packet(1501), 0x0800, B);
    expect(out.map(({ bytes }) => textOf(bytes))).toEqual(['tag 10 64', 'tag 10 1522']);
    expect(details()).toEqual(['1501 octets do not fit the MTU of 1500']);
    ethernet.mtuBytes = 600;
    expect(ten.mtuBytes).toBe(600);
  });
});
