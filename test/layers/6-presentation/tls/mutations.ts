/**
 * Ways to change a record, and the alert that RFC 8446 has for each: section 6.2 and the places it points to. What is
 * expected is read off the RFC and off what was changed, never off our own code.
 */

import type { Rng } from '../../../../src/kernel/rng.ts';
import {
  ALERT,
  CONTENT,
  EXTENSION,
  HANDSHAKE,
  RETRY_RANDOM,
} from '../../../../src/layers/6-presentation/tls/header.ts';
import {
  type ClientHello,
  decodeClientHello,
  decodeEncryptedExtensions,
  decodeServerHello,
  encodeClientHello,
  encodeExtensions,
  encodeServerHello,
  handshakeMessage,
  type ServerHello,
} from '../../../../src/layers/6-presentation/tls/messages.ts';
import {
  u16Octets,
  u24Octets,
  vector8,
  vector16,
  vector24,
} from '../../../../src/layers/6-presentation/tls/vectors.ts';
import { joined } from '../../../../src/wire/octets.ts';
import { read } from './rfc8448.ts';
import type { Passing } from './tamper.ts';

/**
 * `receiver X`: whoever got the record sends the alert X, before anybody else does; `sender X`: the other one, which only
 * learns of it later; `heard X`: the receiver is told X; `whole`: all is as if nothing had happened; `stuck`: they wait.
 */
export type Expected = string;

export interface Mutation {
  readonly records: readonly Uint8Array[];
  readonly expected: readonly Expected[];
}

export interface Operator {
  readonly name: string;
  readonly applies: (passing: Passing) => boolean;
  readonly make: (passing: Passing, chance: Rng) => Mutation;
}

const HEADER = 5;
const MAX_PLAIN = 1 << 14;
const MAX_CIPHER = MAX_PLAIN + 256;
const NONE = new Uint8Array(0);

const pick = <Item>(chance: Rng, items: readonly Item[]): Item => items[chance.below(items.length)] as Item;
const receiver = (...alerts: string[]) => alerts.map((alert) => `receiver ${alert}`);

const isClear = ({ isProtected }: Passing) => !isProtected;
const isProtected = (passing: Passing) => passing.isProtected;
const isHandshake = ({ type }: Passing) => type === CONTENT.handshake;
const isMessage =
  (...types: readonly number[]) =>
  (passing: Passing) =>
    isHandshake(passing) && types.includes(passing.content[0] as number) && !isRetry(passing);
const isRetry = ({ type, content }: Passing) =>
  type === CONTENT.handshake &&
  content[0] === HANDSHAKE.serverHello &&
  Buffer.compare(content.subarray(6, 38), RETRY_RANDOM) === 0;
const isClientHello = isMessage(HANDSHAKE.clientHello);
const isServerHello = isMessage(HANDSHAKE.serverHello);
const both =
  (...all: readonly ((passing: Passing) => boolean)[]) =>
  (passing: Passing) =>
    all.every((each) => each(passing));

function withLength(record: Uint8Array, length: number): Uint8Array {
  const changed = record.slice();
  changed.set(u16Octets(length), 3);
  return changed;
}

/** A clear record as it stands, with another content. */
function resealed(passing: Passing, content: Uint8Array): Uint8Array {
  return passing.seal(passing.type, content);
}

/** The message with another body. */
function rewritten(passing: Passing, body: Uint8Array): Uint8Array {
  return resealed(passing, handshakeMessage(passing.content[0] as number, body));
}

function flipped(bytes: Uint8Array, chance: Rng, from = 0): Uint8Array {
  const changed = bytes.slice();
  const bit = 8 * from + chance.below(8 * (bytes.length - from));
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}

const one = (record: Uint8Array, expected: readonly Expected[]): Mutation => ({ records: [record], expected });

// --- records --------------------------------------------------------------------------------------------------------

const RECORDS: readonly Operator[] = [
  {
    name: 'a bit of what is protected',
    applies: isProtected,
    make: ({ record }, chance) => {
      const changed = flipped(record, chance, HEADER);
      return one(changed, receiver('bad_record_mac'));
    },
  },
  {
    name: 'the version of a protected record',
    applies: isProtected,
    make: ({ record }, chance) => {
      const changed = record.slice();
      const at = 1 + chance.below(2);
      changed[at] = (changed[at] as number) ^ (1 + chance.below(255));
      return one(changed, receiver('bad_record_mac'));
    },
  },
  {
    name: 'the version of a clear record, which nobody minds',
    applies: isClear,
    make: ({ record }, chance) => {
      const changed = record.slice();
      changed.set(chance.bytes(2), 1);
      return one(changed, ['whole']);
    },
  },
  {
    name: 'the type of a record',
    applies: ({ type }) => type !== CONTENT.changeCipherSpec,
    make: (passing, chance) => {
      const { record } = passing;
      let type = chance.below(256);
      while (type === record[0]) type = chance.below(256);
      const changed = record.slice();
      changed[0] = type;
      // Sections 5 and 6: an alert may come in the clear while there is a handshake, but has two octets.
      const isAlert = type === CONTENT.alert && !passing.isOpen;
      return one(changed, receiver(isAlert ? 'decode_error' : 'unexpected_message'));
    },
  },
  {
    name: 'a length that no record may have',
    applies: () => true,
    make: ({ record, isProtected: isSealed }, chance) => {
      const limit = isSealed ? MAX_CIPHER : MAX_PLAIN;
      const length = limit + 1 + chance.below(0xffff - limit);
      return one(withLength(record, length), receiver('record_overflow'));
    },
  },
  {
    name: 'a protected record cut short',
    applies: isProtected,
    make: ({ record }, chance) => {
      const end = HEADER + chance.below(record.length - HEADER);
      return one(withLength(record.subarray(0, end), end - HEADER), receiver('bad_record_mac'));
    },
  },
  {
    name: 'a protected record with more behind it',
    applies: isProtected,
    make: ({ record }, chance) => {
      const longer = joined(record, chance.bytes(1 + chance.below(40)));
      return one(withLength(longer, longer.length - HEADER), receiver('bad_record_mac'));
    },
  },
  {
    name: 'a protected record twice',
    applies: isProtected,
    make: ({ record }) => ({ records: [record, record], expected: receiver('bad_record_mac') }),
  },
  {
    name: 'a protected record lost',
    applies: isProtected,
    // Where nothing follows, nobody knows.
    make: () => ({ records: [], expected: [...receiver('bad_record_mac'), 'stuck', 'whole'] }),
  },
  {
    name: 'a record with a key that nobody has',
    applies: isProtected,
    make: ({ record }, chance) =>
      one(joined(record.subarray(0, HEADER), chance.bytes(record.length - HEADER)), receiver('bad_record_mac')),
  },
  {
    name: 'padding (section 5.4)',
    applies: isProtected,
    make: (passing, chance) => one(passing.seal(passing.type, passing.content, chance.below(300)), ['whole']),
  },
  {
    name: 'as much padding as there may be',
    applies: isProtected,
    make: (passing) => one(passing.seal(passing.type, passing.content, MAX_PLAIN - passing.content.length), ['whole']),
  },
  {
    name: 'more padding than there may be (section 5.4)',
    applies: isProtected,
    make: (passing, chance) => {
      const zeros = MAX_PLAIN - passing.content.length + 1 + chance.below(238);
      return one(passing.seal(passing.type, passing.content, zeros), receiver('record_overflow'));
    },
  },
  {
    name: 'a type inside that there is not (section 5.4)',
    applies: isProtected,
    make: (passing, chance) => {
      let type: number = CONTENT.alert;
      while ([CONTENT.alert, CONTENT.handshake, CONTENT.applicationData].some((known) => known === type)) {
        type = chance.below(256);
      }
      return one(passing.seal(type, type === 0 ? NONE : passing.content), receiver('unexpected_message'));
    },
  },
  {
    name: 'nothing but zeros inside (section 5.4)',
    applies: isProtected,
    make: (passing, chance) => one(passing.seal(0, NONE, chance.below(200)), receiver('unexpected_message')),
  },
  {
    name: 'nothing inside but a type (section 5.4)',
    applies: isProtected,
    make: (passing, chance) =>
      one(passing.seal(pick(chance, [CONTENT.alert, CONTENT.handshake]), NONE), receiver('unexpected_message')),
  },
  {
    name: 'data before the handshake is over',
    applies: both(isProtected, ({ isOpen }) => !isOpen),
    make: (passing, chance) =>
      one(passing.seal(CONTENT.applicationData, chance.bytes(20)), receiver('unexpected_message')),
  },
  {
    name: 'an alert of no two octets (section 6)',
    applies: isProtected,
    make: (passing, chance) => {
      const length = pick(chance, [1, 3, 4, 17]);
      return one(passing.seal(CONTENT.alert, chance.bytes(length)), receiver('decode_error'));
    },
  },
  {
    name: 'any alert, at any level, but the two that are none (section 6.2)',
    applies: isProtected,
    make: (passing, chance) => {
      const codes = [...Object.values(ALERT), 1, 99, 200].filter(
        (code) => code !== ALERT.close_notify && code !== ALERT.user_canceled,
      );
      const content = Uint8Array.of(chance.below(256), pick(chance, codes));
      return one(passing.seal(CONTENT.alert, content), ['heard']);
    },
  },
  {
    name: 'a ChangeCipherSpec between (section 5)',
    applies: () => true,
    make: ({ record, isOpen, isFirst }, chance) => {
      const isGood = chance.below(2) === 0;
      const content = isGood
        ? Uint8Array.of(1)
        : pick(chance, [Uint8Array.of(2 + chance.below(254)), Uint8Array.of(1, 1), NONE]);
      const between = joined(Uint8Array.of(CONTENT.changeCipherSpec, 3, 3), vector16(content));
      const isMeaningless = isGood && !isOpen && !isFirst;
      return {
        records: [between, record],
        expected: isMeaningless ? ['whole'] : receiver('unexpected_message'),
      };
    },
  },
  {
    name: 'a handshake message in the clear where all are protected',
    applies: isProtected,
    make: ({ content }) =>
      one(joined(Uint8Array.of(CONTENT.handshake, 3, 3), vector16(content)), receiver('unexpected_message')),
  },
  {
    name: 'a handshake message in two records',
    // Records that follow count on; behind these two they count from zero.
    applies: both(isProtected, isMessage(HANDSHAKE.finished, HANDSHAKE.keyUpdate)),
    make: (passing, chance) => {
      const { content } = passing;
      const cut = 1 + chance.below(content.length - 1);
      const [first, second] = [content.subarray(0, cut), content.subarray(cut)];
      return {
        records: passing.sealTwo([CONTENT.handshake, first], [CONTENT.handshake, second]),
        expected: ['whole'],
      };
    },
  },
  {
    name: 'another record inside a handshake message (section 5.1)',
    applies: both(isHandshake, isProtected),
    make: (passing, chance) => {
      const { content } = passing;
      const cut = 1 + chance.below(content.length - 1);
      const other = pick(chance, [
        [CONTENT.alert, Uint8Array.of(1, 0)],
        [CONTENT.applicationData, chance.bytes(3)],
      ] as const);
      return {
        records: passing.sealTwo([CONTENT.handshake, content.subarray(0, cut)], other),
        expected: receiver('unexpected_message'),
      };
    },
  },
];

// --- any handshake message ------------------------------------------------------------------------------------------

/** What may come in the place of a message (section 4). */
function allowedInstead({ from, content, isOpen }: Passing): readonly number[] {
  if (isOpen) return from === 'server' ? [HANDSHAKE.newSessionTicket, HANDSHAKE.keyUpdate] : [HANDSHAKE.keyUpdate];
  const [type = 0] = content;
  return type === HANDSHAKE.certificate ? [HANDSHAKE.certificateRequest, type] : [type];
}

/** Messages whose end is known by what stands in them. */
const isMeasured = isMessage(
  HANDSHAKE.clientHello,
  HANDSHAKE.serverHello,
  HANDSHAKE.encryptedExtensions,
  HANDSHAKE.certificate,
  HANDSHAKE.certificateVerify,
  HANDSHAKE.finished,
  HANDSHAKE.newSessionTicket,
  HANDSHAKE.keyUpdate,
);

/** Behind which the receiver has other keys. */
const changesKeys = ({ flow, content }: Passing) => {
  const [type] = content;
  if (type === HANDSHAKE.clientHello) return flow.how !== 'retried';
  return type === HANDSHAKE.serverHello || type === HANDSHAKE.keyUpdate || type === HANDSHAKE.finished;
};

const MESSAGES: readonly Operator[] = [
  {
    name: 'another message than is due (section 4)',
    applies: isHandshake,
    make: (passing, chance) => {
      const allowed = allowedInstead(passing);
      let type = chance.below(256);
      while (allowed.includes(type)) type = chance.below(256);
      return one(
        resealed(passing, joined(Uint8Array.of(type), passing.content.subarray(1))),
        receiver('unexpected_message'),
      );
    },
  },
  {
    name: 'a message with more behind it (section 6.2)',
    applies: isMeasured,
    make: (passing, chance) => {
      const more = chance.bytes(1 + chance.below(8));
      return one(rewritten(passing, joined(passing.content.subarray(4), more)), receiver('decode_error'));
    },
  },
  {
    name: 'a message cut short (section 6.2)',
    applies: isMeasured,
    make: (passing, chance) => {
      const body = passing.content.subarray(4);
      const least = passing.content[0] === HANDSHAKE.keyUpdate ? 1 : 1 + chance.below(3);
      return one(rewritten(passing, body.subarray(0, body.length - least)), receiver('decode_error'));
    },
  },
  {
    name: 'a message that goes on over a change of keys (section 5.1)',
    applies: both(isHandshake, (passing) => !isRetry(passing) && changesKeys(passing)),
    make: (passing, chance) => {
      const more =
        chance.below(2) === 0 ? handshakeMessage(HANDSHAKE.finished, NONE) : chance.bytes(1 + chance.below(3));
      return one(resealed(passing, joined(passing.content, more)), receiver('unexpected_message'));
    },
  },
];

// --- ClientHello ----------------------------------------------------------------------------------------------------

type Extensions = Map<number, Uint8Array>;

const helloOf = ({ content }: Passing): ClientHello => read(decodeClientHello(content.subarray(4)));
const answerOf = ({ content }: Passing): ServerHello => read(decodeServerHello(content.subarray(4)));
const isResumed = ({ flow }: Passing) => flow.how === 'resumed';
const isSecondHello = ({ isFirst }: Passing) => !isFirst;

/** A ClientHello with other extensions. */
function offering(
  name: string,
  expected: readonly Expected[],
  change: (extensions: Extensions, passing: Passing, chance: Rng) => void,
  applies: (passing: Passing) => boolean = () => true,
): Operator {
  return {
    name: `ClientHello: ${name}`,
    applies: both(isClientHello, applies),
    make: (passing, chance) => {
      const hello = helloOf(passing);
      const extensions = new Map(hello.extensions);
      change(extensions, passing, chance);
      return one(rewritten(passing, encodeClientHello({ ...hello, extensions })), expected);
    },
  };
}

/** Octets that are no list: their length is not what they say. */
const noList = (chance: Rng) => joined(u16Octets(40), chance.bytes(3 + chance.below(5)));
/** The key of before goes unproven when what the hello says is changed; it stays the last extension. */
const isFresh = (passing: Passing) => !isResumed(passing);

const HELLOS: readonly Operator[] = [
  {
    name: 'ClientHello: no suite that both have',
    applies: isClientHello,
    make: (passing) =>
      one(rewritten(passing, encodeClientHello({ ...helloOf(passing), suites: [0x1302, 0x00ff] })), [
        ...receiver('handshake_failure'),
      ]),
  },
  {
    name: 'ClientHello: compression (section 4.1.2)',
    applies: isClientHello,
    make: (passing, chance) => {
      const hello = helloOf(passing);
      const body = encodeClientHello(hello);
      const at = 2 + 32 + 1 + hello.sessionId.length + 2 + 2 * hello.suites.length;
      const methods = pick(chance, [Uint8Array.of(1), Uint8Array.of(0, 1)]);
      return one(
        rewritten(passing, joined(body.subarray(0, at), vector8(methods), body.subarray(at + 2))),
        receiver('illegal_parameter'),
      );
    },
  },
  {
    name: 'ClientHello: a session id of more than 32 octets',
    applies: isClientHello,
    make: (passing, chance) => {
      const sessionId = chance.bytes(33 + chance.below(60));
      return one(rewritten(passing, encodeClientHello({ ...helloOf(passing), sessionId })), receiver('decode_error'));
    },
  },
  {
    name: 'ClientHello: what changes nothing but what was said',
    applies: both(isClientHello, isFresh),
    make: (passing, chance) => {
      const hello = helloOf(passing);
      const extensions = new Map(hello.extensions);
      const random = flipped(hello.random, chance);
      if (chance.below(2) === 0) extensions.set(0x5a5a, chance.bytes(chance.below(9)));
      return one(rewritten(passing, encodeClientHello({ ...hello, random, extensions })), ['sender bad_record_mac']);
    },
  },
  {
    name: 'ClientHello: what changes what the binder covers (section 4.2.11.2)',
    applies: both(isClientHello, isResumed),
    make: (passing, chance) => {
      const random = flipped(helloOf(passing).random, chance);
      return one(rewritten(passing, encodeClientHello({ ...helloOf(passing), random })), receiver('decrypt_error'));
    },
  },
  offering('no TLS 1.3 (section 4.2.1)', receiver('protocol_version'), (extensions, _passing, chance) => {
    if (chance.below(2) === 0) extensions.delete(EXTENSION.supportedVersions);
    else extensions.set(EXTENSION.supportedVersions, vector8(u16Octets(0x0303, 0x0302)));
  }),
  offering('versions that are no list', receiver('decode_error'), (extensions, _passing, chance) => {
    extensions.set(
      EXTENSION.supportedVersions,
      pick(chance, [Uint8Array.of(3, 3, 4, 3), Uint8Array.of(9, 3, 4), NONE]),
    );
  }),
  offering(
    'no word of signatures (section 9.2)',
    receiver('missing_extension'),
    (extensions) => extensions.delete(EXTENSION.signatureAlgorithms),
    isFresh,
  ),
  offering(
    'no signature that the server could make (section 4.4.2.2)',
    receiver('handshake_failure'),
    (extensions) => extensions.set(EXTENSION.signatureAlgorithms, vector16(u16Octets(0x0601, 0x0805))),
    isFresh,
  ),
  offering(
    'signatures that are no list',
    receiver('decode_error'),
    (extensions, _passing, chance) => extensions.set(EXTENSION.signatureAlgorithms, noList(chance)),
    isFresh,
  ),
  offering(
    'groups without shares, or shares without groups (section 9.2)',
    receiver('missing_extension'),
    (extensions, _passing, chance) => extensions.delete(pick(chance, [EXTENSION.supportedGroups, EXTENSION.keyShare])),
    isFresh,
  ),
  offering(
    'shares that are no list',
    receiver('decode_error'),
    (extensions, _passing, chance) => extensions.set(EXTENSION.keyShare, noList(chance)),
    isFresh,
  ),
  offering(
    'two shares of one group (section 4.2.8)',
    receiver('illegal_parameter'),
    (extensions, _passing, chance) => {
      const share = () => joined(u16Octets(0x001d), vector16(chance.bytes(32)));
      extensions.set(EXTENSION.keyShare, vector16(share(), share()));
    },
    isFresh,
  ),
  offering(
    'a share that is none (section 4.2.8.2)',
    receiver('illegal_parameter'),
    (extensions, passing, chance) => {
      const isP256 = passing.flow.how === 'retried';
      const wrong = isP256
        ? [chance.bytes(65), joined(Uint8Array.of(4), chance.bytes(64)), joined(Uint8Array.of(2), chance.bytes(32))]
        : [new Uint8Array(32), joined(Uint8Array.of(1), new Uint8Array(31)), chance.bytes(31), chance.bytes(33)];
      const group = isP256 ? 0x0017 : 0x001d;
      extensions.set(EXTENSION.keyShare, vector16(u16Octets(group), vector16(pick(chance, wrong))));
    },
    (passing) => isFresh(passing) && (passing.flow.how !== 'retried' || isSecondHello(passing)),
  ),
  offering(
    'no group that both have',
    receiver('handshake_failure'),
    (extensions) => {
      extensions.set(EXTENSION.supportedGroups, vector16(u16Octets(0x0018, 0x0100)));
      extensions.set(EXTENSION.keyShare, vector16());
    },
    (passing) => isFresh(passing) && passing.isFirst,
  ),
  offering(
    'not the share that was asked for (section 4.1.2)',
    receiver('illegal_parameter'),
    (extensions, _passing, chance) =>
      extensions.set(EXTENSION.keyShare, vector16(u16Octets(0x001d), vector16(chance.bytes(32)))),
    isSecondHello,
  ),
  offering(
    'nothing that the application of the server speaks (RFC 7301)',
    receiver('no_application_protocol'),
    (extensions) => extensions.set(EXTENSION.alpn, vector16(vector8(Uint8Array.of(104, 50)))),
    isFresh,
  ),
  offering(
    'protocols that are no list (RFC 7301)',
    receiver('decode_error'),
    (extensions, _passing, chance) =>
      extensions.set(EXTENSION.alpn, pick(chance, [noList(chance), vector16(), vector16(Uint8Array.of(0))])),
    isFresh,
  ),
  offering(
    'a name that is none (RFC 6066)',
    receiver('decode_error'),
    (extensions, _passing, chance) =>
      extensions.set(
        EXTENSION.serverName,
        pick(chance, [noList(chance), NONE, vector16(Uint8Array.of(0), vector16())]),
      ),
    isFresh,
  ),
  {
    name: 'ClientHello: an extension twice (section 4.2)',
    applies: isClientHello,
    make: (passing, chance) => {
      const hello = helloOf(passing);
      const bare = encodeClientHello({ ...hello, extensions: new Map() });
      const all = encodeExtensions(hello.extensions).subarray(2);
      const [type, content] = pick(chance, [...hello.extensions]);
      const again = joined(u16Octets(type), vector16(content));
      const body = joined(bare.subarray(0, -2), vector16(again, all));
      return one(rewritten(passing, body), receiver('illegal_parameter'));
    },
  },
  offering(
    'a binder that proves nothing (section 4.2.11.2)',
    receiver('decrypt_error'),
    (extensions, _passing, chance) => {
      const offer = (extensions.get(EXTENSION.preSharedKey) as Uint8Array).slice();
      const at = offer.length - 1 - chance.below(32);
      offer[at] = (offer[at] as number) ^ (1 + chance.below(255));
      extensions.set(EXTENSION.preSharedKey, offer);
    },
    isResumed,
  ),
  offering(
    'a key of before that is not said last (section 4.2.11)',
    receiver('illegal_parameter'),
    (extensions, _passing, chance) => extensions.set(0x5a5a, chance.bytes(2)),
    isResumed,
  ),
  offering(
    'a key of before and no way to use it (section 4.2.9)',
    receiver('missing_extension'),
    (extensions) => extensions.delete(EXTENSION.pskKeyExchangeModes),
    isResumed,
  ),
  offering(
    'ways to use a key that are no list (section 4.2.9)',
    receiver('decode_error'),
    (extensions, _passing, chance) =>
      extensions.set(
        EXTENSION.pskKeyExchangeModes,
        pick(chance, [NONE, Uint8Array.of(0), Uint8Array.of(3, 1), Uint8Array.of(1, 1, 1)]),
      ),
    isResumed,
  ),
  offering(
    'keys of before without binders (section 4.2.11)',
    receiver('illegal_parameter'),
    (extensions, _passing, chance) => {
      const identity = joined(vector16(chance.bytes(8)), chance.bytes(4));
      const binder = vector8(chance.bytes(32));
      extensions.set(EXTENSION.preSharedKey, joined(vector16(identity, identity), vector16(binder)));
    },
    isResumed,
  ),
];

// --- ServerHello and HelloRetryRequest ------------------------------------------------------------------------------

/** A ServerHello, or a HelloRetryRequest, with something else in it. */
function answering(
  name: string,
  expected: readonly Expected[],
  change: (
    hello: ServerHello & { extensions: Extensions },
    chance: Rng,
    passing: Passing,
  ) => Partial<ServerHello> | undefined,
  applies: (passing: Passing) => boolean = isServerHello,
): Operator {
  return {
    name: `ServerHello: ${name}`,
    applies,
    make: (passing, chance) => {
      const hello = { ...answerOf(passing), extensions: new Map(answerOf(passing).extensions) };
      return one(rewritten(passing, encodeServerHello({ ...hello, ...change(hello, chance, passing) })), expected);
    },
  };
}

const either = (passing: Passing) => isServerHello(passing) || isRetry(passing);
const isShared = (passing: Passing) => isServerHello(passing) && passing.flow.how !== 'retried';

const ANSWERS: readonly Operator[] = [
  answering(
    'a suite that was not offered (section 4.1.3)',
    receiver('illegal_parameter'),
    (_hello, chance) => ({ suite: pick(chance, [0x1302, 0x1304, 0xc02f, 0]) }),
    either,
  ),
  answering(
    'another session id (section 4.1.3)',
    receiver('illegal_parameter'),
    ({ sessionId }, chance) => ({ sessionId: pick(chance, [NONE, chance.bytes(32), sessionId.subarray(1)]) }),
    either,
  ),
  {
    name: 'ServerHello: compression (section 4.1.3)',
    applies: either,
    make: (passing, chance) => {
      const body = passing.content.slice(4);
      body[2 + 32 + 1 + 32 + 2] = 1 + chance.below(255);
      return one(rewritten(passing, body), receiver('illegal_parameter'));
    },
  },
  {
    name: 'ServerHello: the old place of the version, which nobody minds but who compares (section 4.2.1)',
    applies: isServerHello,
    make: (passing, chance) => {
      const body = passing.content.slice(4);
      body.set(u16Octets(pick(chance, [0x0304, 0x0302, 0x0000, 0x7f1c])));
      return one(rewritten(passing, body), receiver('bad_record_mac'));
    },
  },
  answering('another random', receiver('bad_record_mac'), (_hello, chance) => ({ random: chance.bytes(32) })),
  answering(
    'no TLS 1.3 (section 4.2.1)',
    receiver('protocol_version'),
    ({ extensions }) => void extensions.delete(EXTENSION.supportedVersions),
    either,
  ),
  answering(
    'a version that was not offered (section 4.2.1)',
    receiver('illegal_parameter'),
    ({ extensions }, chance) =>
      void extensions.set(EXTENSION.supportedVersions, u16Octets(pick(chance, [0x0303, 0x0305, 0x7f1c]))),
    either,
  ),
  answering(
    'a version that is no number',
    receiver('decode_error'),
    ({ extensions }, chance) => void extensions.set(EXTENSION.supportedVersions, chance.bytes(pick(chance, [0, 1, 3]))),
    either,
  ),
  answering('no share (section 9.2)', receiver('missing_extension'), ({ extensions }) => {
    extensions.delete(EXTENSION.keyShare);
    return undefined;
  }),
  answering(
    'a share of another group (section 4.2.8)',
    receiver('illegal_parameter'),
    ({ extensions }, chance) =>
      void extensions.set(
        EXTENSION.keyShare,
        joined(u16Octets(pick(chance, [0x0018, 0x0100, 0])), vector16(chance.bytes(32))),
      ),
  ),
  answering(
    'a share that is none (section 4.2.8.2)',
    receiver('illegal_parameter'),
    ({ extensions }, chance) =>
      void extensions.set(
        EXTENSION.keyShare,
        joined(u16Octets(0x001d), vector16(pick(chance, [new Uint8Array(32), chance.bytes(31), chance.bytes(65)]))),
      ),
    isShared,
  ),
  answering(
    'another share',
    receiver('bad_record_mac'),
    ({ extensions }, chance) =>
      void extensions.set(EXTENSION.keyShare, joined(u16Octets(0x001d), vector16(chance.bytes(32)))),
    isShared,
  ),
  answering(
    'a share that cannot be read',
    receiver('decode_error'),
    ({ extensions }, chance) => void extensions.set(EXTENSION.keyShare, joined(u16Octets(0x001d), noList(chance))),
  ),
  answering(
    'an extension that nobody asked for (section 4.2)',
    receiver('unsupported_extension'),
    ({ extensions }, chance, { flow }) => {
      const foreign = [0x5a5a, 5, 18, 23, EXTENSION.earlyData, 0xff01];
      if (flow.how !== 'resumed') foreign.push(EXTENSION.preSharedKey);
      return void extensions.set(pick(chance, foreign), chance.bytes(2));
    },
    either,
  ),
  answering(
    'an extension that has its place elsewhere (section 4.2)',
    receiver('illegal_parameter'),
    ({ extensions }, chance, passing) => {
      const elsewhere: number[] = [
        EXTENSION.alpn,
        EXTENSION.serverName,
        EXTENSION.supportedGroups,
        EXTENSION.signatureAlgorithms,
      ];
      if (isServerHello(passing)) elsewhere.push(EXTENSION.cookie);
      return void extensions.set(pick(chance, elsewhere), NONE);
    },
    either,
  ),
  answering(
    'a key of before that was not offered (section 4.2.11)',
    receiver('illegal_parameter'),
    ({ extensions }, chance) => void extensions.set(EXTENSION.preSharedKey, u16Octets(1 + chance.below(0xffff))),
    both(isServerHello, isResumed),
  ),
  answering(
    'another group to try that was not offered, or was (section 4.1.4)',
    receiver('illegal_parameter'),
    ({ extensions }, chance) =>
      void extensions.set(EXTENSION.keyShare, u16Octets(pick(chance, [0x001d, 0x0018, 0x0100, 0]))),
    isRetry,
  ),
  answering(
    'nothing else to try (section 4.1.4)',
    receiver('illegal_parameter'),
    ({ extensions }) => void extensions.delete(EXTENSION.keyShare),
    isRetry,
  ),
  answering(
    'a cookie that is none (section 4.2.2)',
    receiver('decode_error'),
    ({ extensions }, chance) => void extensions.set(EXTENSION.cookie, pick(chance, [NONE, vector16(), noList(chance)])),
    isRetry,
  ),
  {
    name: 'HelloRetryRequest twice (section 4.1.4)',
    applies: isRetry,
    make: ({ record }) => ({ records: [record, record], expected: receiver('unexpected_message') }),
  },
];

// --- what is protected in a handshake, and behind it ----------------------------------------------------------------

const isEncryptedExtensions = isMessage(HANDSHAKE.encryptedExtensions);

function encrypting(
  name: string,
  expected: readonly Expected[],
  change: (extensions: Extensions, chance: Rng) => void,
): Operator {
  return {
    name: `EncryptedExtensions: ${name}`,
    applies: isEncryptedExtensions,
    make: (passing, chance) => {
      const extensions: Extensions = new Map(read(decodeEncryptedExtensions(passing.content.subarray(4))));
      change(extensions, chance);
      return one(rewritten(passing, encodeExtensions(extensions)), expected);
    },
  };
}

/** The one certificate of a Certificate message. */
const certificateOf = ({ content }: Passing) => content.subarray(4 + 1 + 3 + 3, -2);
const isCertificate = isMessage(HANDSHAKE.certificate);

const REST: readonly Operator[] = [
  encrypting(
    'an extension that nobody asked for (section 4.2)',
    receiver('unsupported_extension'),
    (extensions, chance) => extensions.set(pick(chance, [0x5a5a, 1, 5, 23, 28, EXTENSION.earlyData]), chance.bytes(2)),
  ),
  encrypting(
    'an extension that has its place elsewhere (section 4.3.1)',
    receiver('illegal_parameter'),
    (extensions, chance) =>
      extensions.set(
        pick(chance, [EXTENSION.keyShare, EXTENSION.supportedVersions, EXTENSION.signatureAlgorithms]),
        chance.bytes(2),
      ),
  ),
  encrypting('a protocol that was not offered (RFC 7301)', receiver('illegal_parameter'), (extensions) =>
    extensions.set(EXTENSION.alpn, vector16(vector8(Uint8Array.of(104, 50)))),
  ),
  encrypting('a name, where there is to be nothing (RFC 6066)', receiver('decode_error'), (extensions, chance) =>
    extensions.set(EXTENSION.serverName, chance.bytes(1 + chance.below(9))),
  ),
  encrypting('no protocol, which the signature covers', receiver('decrypt_error'), (extensions) =>
    extensions.delete(EXTENSION.alpn),
  ),
  {
    name: 'Certificate: none (section 4.4.2.4)',
    applies: isCertificate,
    make: (passing) => one(rewritten(passing, joined(vector8(), vector24())), receiver('decode_error')),
  },
  {
    name: 'Certificate: a context that nobody gave',
    applies: isCertificate,
    make: (passing, chance) => {
      const entry = joined(vector24(certificateOf(passing)), vector16());
      return one(
        rewritten(passing, joined(vector8(chance.bytes(1 + chance.below(9))), vector24(entry))),
        receiver('illegal_parameter'),
      );
    },
  },
  {
    name: 'Certificate: something beside it that nobody asked for (section 4.4.2)',
    applies: isCertificate,
    make: (passing, chance) => {
      const beside = joined(u16Octets(pick(chance, [5, 18])), vector16(chance.bytes(4)));
      const entry = joined(vector24(certificateOf(passing)), vector16(beside));
      return one(rewritten(passing, joined(vector8(), vector24(entry))), receiver('unsupported_extension'));
    },
  },
  {
    name: 'Certificate: its signature changed (section 6.2)',
    applies: isCertificate,
    make: (passing, chance) => {
      const certificate = certificateOf(passing).slice();
      const at = certificate.length - 1 - chance.below(24);
      certificate[at] = (certificate[at] as number) ^ (1 << chance.below(8));
      const entry = joined(vector24(certificate), vector16());
      return one(rewritten(passing, joined(vector8(), vector24(entry))), receiver('bad_certificate'));
    },
  },
  {
    name: 'Certificate: no certificate at all, but octets (section 6.2)',
    applies: isCertificate,
    make: (passing, chance) => {
      const entry = joined(vector24(chance.bytes(1 + chance.below(300))), vector16());
      return one(rewritten(passing, joined(vector8(), vector24(entry))), receiver('bad_certificate'));
    },
  },
  {
    name: 'CertificateVerify: its signature changed (section 4.4.3)',
    applies: isMessage(HANDSHAKE.certificateVerify),
    make: (passing, chance) => {
      const body = passing.content.slice(4);
      const at = body.length - 1 - chance.below(body.length - 4);
      body[at] = (body[at] as number) ^ (1 << chance.below(8));
      return one(rewritten(passing, body), receiver('decrypt_error'));
    },
  },
  {
    name: 'CertificateVerify: a scheme that was not offered (section 4.4.3)',
    applies: isMessage(HANDSHAKE.certificateVerify),
    make: (passing, chance) => {
      const body = passing.content.slice(4);
      body.set(u16Octets(pick(chance, [0x0401, 0x0503, 0x0201, 0x0808, 0])));
      return one(rewritten(passing, body), receiver('illegal_parameter'));
    },
  },
  {
    name: 'Finished: another proof (section 4.4.4)',
    applies: isMessage(HANDSHAKE.finished),
    make: (passing, chance) => {
      const body = passing.content.slice(4);
      const at = chance.below(body.length);
      body[at] = (body[at] as number) ^ (1 + chance.below(255));
      return one(rewritten(passing, body), receiver('decrypt_error'));
    },
  },
  {
    name: 'KeyUpdate: a wish that there is not (section 4.6.3)',
    applies: isMessage(HANDSHAKE.keyUpdate),
    make: (passing, chance) =>
      one(rewritten(passing, Uint8Array.of(2 + chance.below(254))), receiver('illegal_parameter')),
  },
  {
    name: 'KeyUpdate before the handshake is over (section 4.6.3)',
    applies: both(isProtected, isHandshake, ({ isOpen }) => !isOpen),
    make: (passing, chance) =>
      one(
        resealed(passing, handshakeMessage(HANDSHAKE.keyUpdate, Uint8Array.of(chance.below(2)))),
        receiver('unexpected_message'),
      ),
  },
  {
    name: 'NewSessionTicket: an empty ticket (section 4.6.1)',
    applies: isMessage(HANDSHAKE.newSessionTicket),
    make: (passing, chance) =>
      one(
        rewritten(passing, joined(chance.bytes(8), vector8(Uint8Array.of(0)), vector16(), vector16())),
        receiver('decode_error'),
      ),
  },
  {
    name: 'NewSessionTicket: lengths beyond its end',
    applies: isMessage(HANDSHAKE.newSessionTicket),
    make: (passing, chance) =>
      one(
        rewritten(passing, joined(chance.bytes(8), u24Octets(0xff0000 + chance.below(99)), chance.bytes(9))),
        receiver('decode_error'),
      ),
  },
];

/** What no oracle foretells, but the RFC has an alert for all of it, and nothing of it may go unnoticed. */
const NOTICED = [
  ...['decode_error', 'illegal_parameter', 'handshake_failure', 'protocol_version', 'missing_extension'],
  ...['unexpected_message', 'record_overflow', 'decrypt_error', 'bad_record_mac', 'unsupported_extension'],
  'no_application_protocol',
];

const BITS: readonly Operator[] = [
  {
    name: 'any bit of a hello',
    applies: both(isClear, isHandshake),
    make: ({ record }, chance) =>
      one(flipped(record, chance, 3), [
        ...NOTICED.flatMap((alert) => [`receiver ${alert}`, `sender ${alert}`]),
        'stuck',
      ]),
  },
];

export const OPERATORS: readonly Operator[] = [...RECORDS, ...MESSAGES, ...HELLOS, ...ANSWERS, ...REST, ...BITS];
