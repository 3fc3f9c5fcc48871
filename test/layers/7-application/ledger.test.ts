import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { conversationText, Ledger } from '../../../src/layers/7-application/ledger.ts';
import { parseIp } from '../../../src/wire/address.ts';

const A = { address: 0x0a000001, port: 49_152 };
const B = { address: 0x0a000002, port: 80 };

function setUp(recording = true) {
  const journal = new Journal(recording);
  return { journal, ledger: new Ledger(new Context(new Kernel('1', journal), 'a')) };
}

describe('conversations', () => {
  it('have the same words at both ends, lower address first, then lower port', () => {
    const text = 'tcp 10.0.0.1:49152 10.0.0.2:80';
    expect(conversationText({ transport: 'tcp', local: A, remote: B })).toBe(text);
    expect(conversationText({ transport: 'tcp', local: B, remote: A })).toBe(text);
    const twin = { ...A, port: 7 };
    expect(conversationText({ transport: 'udp', local: A, remote: twin })).toBe('udp 10.0.0.1:7 10.0.0.1:49152');
    expect(conversationText({ transport: 'udp', local: twin, remote: A })).toBe('udp 10.0.0.1:7 10.0.0.1:49152');
  });

  it('write IPv6 addresses in brackets', () => {
    const local = { address: parseIp('2001:db8::1') ?? 0n, port: 1 };
    const remote = { address: parseIp('2001:db8::2') ?? 0n, port: 2 };
    expect(conversationText({ transport: 'udp', local, remote })).toBe('udp [2001:db8::1]:1 [2001:db8::2]:2');
  });
});

describe('Ledger', () => {
  it('journals a message made and one received, with totals so far', () => {
    const { journal, ledger } = setUp();
    const conversation = { transport: 'tcp', local: A, remote: B } as const;
    const message = ledger.made('http', 'page', conversation, new Uint8Array(5));
    ledger.made('http', 'page', conversation, new Uint8Array(7));
    const was = ledger.received('http', 'page', conversation, new Uint8Array(3), [42]);
    expect(message.carries).toEqual([0]);
    expect(was).toBeNull();
    expect(journal.cause).toBe(6);
    const told = conversationText(conversation);
    expect(journal.at(0).event).toMatchObject({
      kind: 'encoded',
      layer: 7,
      protocol: 'http',
      via: 'page',
      conversation: told,
    });
    expect(journal.at(6).event).toMatchObject({ kind: 'decoded', layer: 7, carries: [42], conversation: told });
    const totals = journal.entries.flatMap(({ event }) =>
      event.kind === 'metric' ? [`${event.machine}.${event.name} ${event.value}`] : [],
    );
    expect(totals).toEqual([
      'app.sent.bytes 5',
      'app.sent.messages 1',
      'app.sent.bytes 12',
      'app.sent.messages 2',
      'app.received.bytes 3',
      'app.received.messages 1',
    ]);
  });

  it('writes nothing without a journal', () => {
    const { journal, ledger } = setUp(false);
    const conversation = { transport: 'udp', local: A, remote: B } as const;
    expect(ledger.made('data', 'x', conversation, new Uint8Array(1)).carries).toEqual([]);
    expect(ledger.received('data', 'x', conversation, new Uint8Array(1))).toBeNull();
    ledger.told('x', 'y');
    ledger.dropped('data', 'x', new Uint8Array(1), 'closed', 'z');
    expect(journal.length).toBe(0);
  });
});
