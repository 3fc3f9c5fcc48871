import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFrameHead } from '../../../../src/layers/5-session/websocket/header.ts';
import { type Case, casesFor } from './cases.ts';
import { type Answer, framesOf, refereeAnswer, unmasked } from './referee.ts';
import { webSocketRig } from './scripted-stream.ts';

/** 16 MiB, as `ws` is told too. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const DEFLATE = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

function ourAnswer({ pieces, deflate }: Case, role: 'client' | 'server'): Uint8Array {
  const options = {
    role,
    deflate: deflate ? DEFLATE : null,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxFragments: 131_072,
  } as const;
  const rig = webSocketRig(options, (dialogue, message, isText) => dialogue.send(message, isText), false);
  for (const piece of pieces) rig.stream.arrive(piece);
  return rig.stream.written;
}

/** Compressed answers are compared by what they decompress to, for two encoders may differ. */
function decompressed(bytes: Uint8Array): Answer {
  const stream: Buffer[] = [];
  let seen = 0;
  const answers: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = decodeFrameHead(bytes, at);
    const from = at + head.headBytes;
    const payload = Buffer.from(unmasked(bytes.subarray(from, from + head.payloadBytes), head.maskingKey));
    at = from + head.payloadBytes;
    if (head.rsv !== 4) {
      answers.push(...framesOf(bytes.subarray(from - head.headBytes, at)));
      continue;
    }
    stream.push(payload, Buffer.of(0, 0, 0xff, 0xff));
    const whole = inflateRawSync(Buffer.concat(stream), { finishFlush: constants.Z_SYNC_FLUSH });
    const frame = { ...head, payload: whole.subarray(seen) };
    seen = whole.length;
    answers.push(
      `${frame.opcode} compressed ${frame.payload.length} ${frame.payload.toString('base64').slice(0, 400)}`,
    );
  }
  return answers;
}

describe.each(['server', 'client'] as const)('the answers of our %s to what Autobahn asks, `ws` as referee', (role) => {
  const cases = casesFor(role);

  it('are asked for in at least 240 cases, each of its own name', () => {
    expect(cases.length).toBeGreaterThanOrEqual(240);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });

  const groups = new Map<string, Case[]>();
  for (const each of cases) {
    const [group = ''] = each.id.split('.');
    groups.set(group, [...(groups.get(group) ?? []), each]);
  }
  for (const [group, list] of groups) {
    it(`group ${group}: ${list.length} cases`, { timeout: 60_000 }, async () => {
      for (const each of list) {
        const read = each.deflate ? decompressed : framesOf;
        const ours = read(ourAnswer(each, role));
        const theirs = read(await refereeAnswer(each, MAX_MESSAGE_BYTES, role));
        expect({ id: each.id, answer: ours }).toEqual({ id: each.id, answer: theirs });
        expect(ours.at(-1), each.id).toMatch(/^close /);
      }
    });
  }
});
