import { describe, expect, it } from 'vitest';
import { serveDns } from '../../../../src/layers/7-application/dns/dns-server.ts';
import { type DnsMessage, decodeMessage, encodeMessage } from '../../../../src/layers/7-application/dns/message.ts';
import { isMalformed } from '../../../../src/wire/reader.ts';
import { FakeWorld } from '../fake-transport.ts';

const QUERY: DnsMessage = {
  id: 77,
  isResponse: false,
  opcode: 0,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: true,
  isRecursionAvailable: false,
  rcode: 0,
  questions: [{ name: 'Www.Example', type: 1, class: 1 }],
  answers: [],
};

function ask(query: Uint8Array, zone: Parameters<typeof serveDns>[1]['zone']) {
  const world = new FakeWorld();
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveDns(server.services, { name: 'dns-server', zone });
  const answers: Uint8Array[] = [];
  const socket = client.bind('c', 0, { onDatagram: (payload) => answers.push(payload) });
  socket.send({ address: 2, port: 53 }, query);
  world.run();
  const [bytes] = answers;
  const message = bytes ? decodeMessage(bytes) : null;
  if (message && isMalformed(message)) throw new Error(message.malformed);
  return { world, bytes, message };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: 'www.example', address: 0x0a000000 + i }));

describe('the name server', () => {
  it('answers with all addresses of the name, in the case of the question, and points at it', () => {
    const { bytes, message } = ask(encodeMessage(QUERY), many(2));
    expect(message).toMatchObject({
      id: 77,
      isResponse: true,
      isAuthoritative: true,
      isTruncated: false,
      isRecursionDesired: true,
      rcode: 0,
      questions: QUERY.questions,
      answers: [
        { name: 'Www.Example', type: 1, ttlSeconds: 300, data: { address: 0x0a000000 } },
        { name: 'Www.Example', type: 1, ttlSeconds: 300, data: { address: 0x0a000001 } },
      ],
    });
    // Header 12, question 13 + 4, two records of 16: compressed.
    expect(bytes?.length).toBe(12 + 17 + 2 * 16);
  });

  it('cuts an answer of more than 512 octets between records and says so', () => {
    // 12 + 17 octets, then 16 a record: 30 records are 509 octets, 31 are 525.
    expect(ask(encodeMessage(QUERY), many(30))).toMatchObject({
      bytes: { length: 509 },
      message: { isTruncated: false },
    });
    const { world, bytes, message } = ask(encodeMessage(QUERY), many(31));
    expect(bytes?.length).toBe(509);
    expect(message?.isTruncated).toBe(true);
    expect(message?.answers).toHaveLength(30);
    expect(world.told('server')).toEqual(['Www.Example: 10.0.0.0, 10.0.0.1, 10.0.0.2 and 28 more']);
  });

  it.each([
    ['no such name', { questions: [{ name: 'x.example', type: 1, class: 1 }] }, 3],
    ['another type of a name that exists', { questions: [{ name: 'www.example', type: 28, class: 1 }] }, 0],
    ['another class', { questions: [{ name: 'www.example', type: 1, class: 3 }] }, 5],
    ['another opcode', { opcode: 2 }, 4],
    ['no question', { questions: [] }, 1],
    ['two questions', { questions: [...QUERY.questions, ...QUERY.questions] }, 1],
  ])('%s', (_, change, rcode) => {
    const { message } = ask(encodeMessage({ ...QUERY, ...change }), many(1));
    expect(message).toMatchObject({ id: 77, rcode, answers: [] });
  });

  it('answers a format error to a malformed query, and nothing to an answer or to noise', () => {
    const query = encodeMessage(QUERY);
    const { message, world } = ask(query.subarray(0, 20), many(1));
    expect(message).toMatchObject({ id: 77, rcode: 1, questions: [] });
    expect(world.of('server').some(({ event }) => event.kind === 'dropped' && event.reason === 'malformed')).toBe(true);
    expect(ask(encodeMessage({ ...QUERY, isResponse: true }), many(1)).message).toBeNull();
    expect(ask(encodeMessage({ ...QUERY, isResponse: true }).subarray(0, 20), many(1)).message).toBeNull();
    expect(ask(query.subarray(0, 11), many(1)).message).toBeNull();
  });

  it('answers many queries of one TCP connection in their order, untruncated', () => {
    const world = new FakeWorld({ pieceBytes: () => 7, sendBufferBytes: 300, delayNs: 1 });
    const [client, server] = [world.host('client', 1), world.host('server', 2)];
    serveDns(server.services, { name: 'dns-server', zone: many(40) });
    const received: Uint8Array[] = [];
    const closed: string[] = [];
    const stream = client.connect(
      'c',
      { address: 2, port: 53 },
      {
        onOpen: () => {
          for (const id of [1, 2, 3]) {
            const query = encodeMessage({ ...QUERY, id });
            stream.write(Uint8Array.of(0, query.length, ...query));
          }
          stream.end();
        },
        onReadable: () => {
          received.push(stream.read());
        },
        onEnd: () => stream.close(),
        onClose: (reason) => closed.push(reason),
      },
    );
    world.run();
    const all = Buffer.concat(received);
    const size = 12 + 17 + 40 * 16;
    expect(all.length).toBe(3 * (2 + size));
    const messages = [0, 1, 2].map((index) =>
      decodeMessage(all.subarray(index * (2 + size) + 2, (index + 1) * (2 + size))),
    );
    expect(messages).toMatchObject([1, 2, 3].map((id) => ({ id, isTruncated: false, answers: { length: 40 } })));
    expect(closed).toEqual(['finished']);
  });
});
