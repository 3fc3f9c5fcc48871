/**
 * What may come from outside, row by row: bad scenario files (A) and command lines (B), captures (C), malformed packets (D),
 * hostile peers (E), faults (F), the screen (G), determinism (H), size (I) and exports (J). Each row names the tests that
 * show what becomes of it, or why there is none; `catalogue.test.ts` finds them.
 */

/** A test file, relative to test/, and the beginning of the titles in it that are about the row. */
export type Proof = readonly [file: string, ...titles: string[]];

export interface Row {
  readonly says: string;
  readonly by: readonly Proof[];
  /** In place of tests, or of a part of them: why there is none. */
  readonly reason?: string;
}

const row = (says: string, ...by: Proof[]): Row => ({ says, by });
const files = 'scenario/bad-input.test.ts';
const shell = 'cli/bad-input.test.ts';
const mqtt = 'layers/7-application/mqtt';
const sio = 'layers/7-application/socket-io';
const ws = 'layers/5-session/websocket';
const tcp = 'conformance';
const screen = 'catalogue/terminal.test.ts';
const suspend = 'tui/suspend.test.ts';
const gateway = 'gateway/streams.test.ts';
const streams = 'cli/streams.test.ts';
const storms = 'catalogue/storms.test.ts';
const limits = 'catalogue/limits.test.ts';

export const ROWS: Readonly<Record<string, Row>> = {
  A1: row('empty files, comments, scalars, lists', [files, 'A1:']),
  A2: row('wrong syntax', [files, 'A2:']),
  A3: row('unknown keys', [files, 'A3:']),
  A4: row('wrong types and units', [files, 'A4:']),
  A5: row('whole numbers beyond 2^53', [files, 'A5:']),
  A6: row('a billion laughs', [files, 'A6:']),
  A7: row('aliases to themselves and to nothing', [files, 'A7: an alias to itself', 'A7: an alias to nothing']),
  A8: row('20,000 keys', [files, 'A8:']),
  A9: row('deep nesting', [files, 'A9:']),
  A10: row('duplicate keys', [files, 'A10:']),
  A11: row('two documents', [files, 'A11:']),
  A12: row('directives', [files, 'A12:']),
  A13: row('names of parts of every object', [files, 'A13:']),
  A14: row('tags', [files, 'A14:']),
  A15: row('octets that are no text', [files, 'A15:']),
  A16: row('keys that are no plain text', [files, 'A16:']),
  A17: {
    ...row('includes that leave the folder', [files, 'A17, A18: includes']),
    reason: 'The format has no includes: the word is an unknown key.',
  },
  A18: {
    ...row('includes in circles', [files, 'A17, A18: includes']),
    reason: 'The format has no includes: the word is an unknown key.',
  },
  A19: row('names and addresses that do not fit', [files, 'A19:']),
  A20: row('pointless and oversized networks', [files, 'A20:']),
  A21: row('times in the past, ties, times beyond the end', [files, 'A21:']),
  A22: row('patterns', [files, 'A22:'], ['filter/pattern.test.ts']),
  A23: row('probabilities', [files, 'A23:']),
  A24: row('other versions of the format', [files, 'A24:']),

  B1: row('no arguments, help, version', [shell, 'B1:']),
  B2: row('unknown words, wrong values', [shell, 'B2:']),
  B3: row('what cannot be read', [shell, 'B3:']),
  B4: row(
    'outputs that cannot be written',
    [shell, 'B4:'],
    ['cli/outputs.test.ts', 'leaves the old file and no other'],
    [limits, 'on a disk that is read-only'],
  ),
  B5: row(
    'a reader that goes away',
    [shell, 'B5, B6, B7'],
    [limits, 'a reader that goes away'],
    [gateway, 'nobody reads standard %s any more'],
  ),
  B6: row(
    'a slow reader',
    [shell, 'gives a slow reader every line'],
    [streams, 'does not let a walk in lines run ahead'],
    [gateway, 'where nobody reads on'],
  ),
  B7: row(
    'closed and full standard streams',
    [shell, 'lives with %s closed'],
    [streams, 'that takes no warning'],
    [gateway, '%s (%s): %s ends it'],
  ),
  B8: row('colours and terminals', [shell, 'B8: colours'], [screen, 'a gateway has its screen in ASCII']),
  B9: row('hostile names of files', [shell, 'B9, B10']),
  B10: row('no home, no temporary folder', [shell, 'needs no home']),
  B11: row('a Node that is too old', [shell, 'B11:']),
  B12: row('Ctrl-C in a long run', [shell, 'B12, B13: signals'], ['cli/sweep.test.ts', 'goes on after Ctrl-C']),
  B13: row(
    'SIGTERM, SIGHUP, SIGSTOP',
    [shell, 'B12, B13: signals'],
    [screen, 'gives its terminal back at %s'],
    [streams, '%s ends %j although'],
    [suspend, '%s stops %s, and keys'],
    [gateway, 'SIGHUP ends it'],
  ),
  B14: row('two that write one file', [shell, 'B14:']),
  B15: row('a worker that is killed', ['cli/sweep.test.ts', 'gives the same octets for one worker']),

  C1: row('what is no capture', ['capture/pcap.test.ts', 'what is no capture', 'and 1 to 23 octets']),
  C2: row(
    'a capture that is cut anywhere',
    ['capture/pcap.test.ts', 'at any offset'],
    ['capture/pcapng.test.ts', 'at any offset'],
  ),
  C3: row('all magics, other versions', ['capture/pcap.test.ts', '$magic in $order order', 'a snap length']),
  C4: row('lengths that cannot be', ['capture/pcap.test.ts', 'a frame longer'], ['capture/fuzz.test.ts', 'memory']),
  C5: row('odd times', ['capture/pcap.test.ts', 'parts of a second', 'time that goes backwards']),
  C6: row('block lengths', ['capture/pcapng.test.ts', 'length %d is refused', 'a block of type %d']),
  C7: row('resolutions of clocks', ['capture/pcapng.test.ts', 'resolution %d is refused']),
  C8: row('packets of no interface', ['capture/pcapng.test.ts', 'packets before any interface']),
  C9: row('damaged options', ['capture/pcapng.test.ts', 'damaged options', 'no end of options']),
  C10: row('sections', ['capture/pcapng.test.ts', 'each section has its own', 'more than 1,024 interfaces']),
  C11: row('unknown blocks', ['capture/pcapng.test.ts', 'steps over other blocks']),
  C12: row('long files', ['capture/fuzz.test.ts', 'does not grow with the length of the file']),
  C13: row(
    'editcap -E',
    ['capture/tools.test.ts', 'errors put in by editcap -E'],
    ['capture/mutated.test.ts', 'damage'],
  ),
  C14: row('randpkt', ['capture/tools.test.ts', 'random packets: randpkt']),
  C15: {
    ...row(
      'captures of other projects',
      ['capture/mutated.test.ts', 'damage'],
      ['capture/fuzz.test.ts', 'damaged captures'],
    ),
    reason: "Other projects' captures are no part of this repository; damaged ones of our own stand for them.",
  },
  C16: row('exports are clean', ['referee/scenarios.test.ts']),

  D1: row('runts, lengths, padding', [`${tcp}/ip.test.ts`, 'a runt is dropped', 'IEEE 802.3 3.2.6', 'RFC 894']),
  D2: row('ARP of all kinds', [
    'layers/2-link/arp.test.ts',
    'garbage is dropped',
    'keeps 1,024 rows',
    'merges:',
    'a probe without',
  ]),
  D3: row(
    'IPv4 headers that are none',
    ['layers/3-network/ipv4.test.ts', 'drops silently what has a bad checksum', 'martian sources'],
    [`${tcp}/ip.test.ts`, 'bad input D3-D7'],
  ),
  D4: row('fragments that overlap, never come, or make too much', [
    'layers/3-network/fragment.test.ts',
    'overlapping pieces',
    'more than 65,535',
    'after 60 s',
    'at most 64 datagrams',
  ]),
  D5: row('IPv6 headers and extensions', [
    'layers/3-network/ipv6/ipv6.test.ts',
    'section 4: an unknown next header',
    'RFC 5095',
    'drops in silence what is not sound',
  ]),
  D6: row(
    'ICMP about nothing, about errors, about MTUs that cannot be',
    [`${tcp}/ip.test.ts`, 'RFC 1122 3.2.2: no error answers an error'],
    [`${tcp}/acceptance.test.ts`, 'ICMP about what is not in flight'],
    [`${tcp}/watching.test.ts`, 'section 3: never below 68'],
  ),
  D7: row('UDP lengths and checksums', [
    'layers/4-transport/udp/udp.test.ts',
    'drops %s as malformed',
    'ignores what lies behind the length',
    'takes a datagram without a checksum',
  ]),
  D8: row(
    'TCP headers and flags',
    [`${tcp}/ip.test.ts`, 'sound headers around any payload'],
    ['catalogue/segments.test.ts', 'every combination of flags'],
  ),
  D9: row(
    'TCP options',
    [`${tcp}/opening.test.ts`, 'MSS 0 is ignored'],
    [`${tcp}/options.test.ts`, '2.3: a shift above 14'],
    [`${tcp}/sack.test.ts`, 'blocks that are nonsense'],
    ['catalogue/segments.test.ts', 'options of any length'],
  ),
  D10: row(
    'RST',
    [`${tcp}/acceptance.test.ts`, 'RST out of the window'],
    [`${tcp}/opening.test.ts`, 'SYN-SENT: an ACK'],
  ),
  D11: row(
    'SYN where none belongs',
    [`${tcp}/acceptance.test.ts`, 'SYN in a synchronized state'],
    [`${tcp}/opening.test.ts`, 'simultaneous open', 'old duplicate SYN', 'half-open discovery', 'data that comes with'],
  ),
  D12: row(
    'ACKs and windows of all kinds',
    [`${tcp}/acceptance.test.ts`, 'ACK of data never sent', 'ACK older than'],
    [`${tcp}/recovery.test.ts`, 'ACK division'],
    [`${tcp}/sending.test.ts`, 'zero window: an octet of new data', 'the right edge never'],
  ),
  D13: row(
    'numbers that wrap',
    ['layers/4-transport/tcp/transfer.test.ts', 'the sequence numbers wrap'],
    ['layers/4-transport/tcp/sequence.test.ts'],
    [`${tcp}/options.test.ts`, 'timestamps wrap'],
  ),
  D14: row(
    'floods and exhaustion',
    [`${tcp}/opening.test.ts`, 'backlog full'],
    [`${tcp}/closing.test.ts`, 'FIN-WAIT-2 that nobody waits for'],
    ['catalogue/segments.test.ts', 'all ports in use'],
  ),
  D15: row('DNS messages', [
    'layers/7-application/dns/message.test.ts',
    '%i pointers that follow',
    'refuses counts',
    'every beginning of a message',
  ]),
  D16: row('TLS records', ['layers/6-presentation/tls/mutation.test.ts', 'end in the right alert']),
  D17: row(
    'HTTP/1.1',
    ['layers/7-application/http/reader.test.ts', 'requests that are refused', 'any octets at all'],
    ['layers/7-application/http/http-server.test.ts', 'answers a thousand pipelined'],
  ),
  D18: {
    ...row(
      'flipped bits',
      ['layers/1-physical/cable.test.ts', 'corruption flips'],
      ['layers/4-transport/tcp/transfer.test.ts', 'under any mix of loss'],
    ),
    reason: 'A cable marks what it has damaged, so that damage which an FCS would miss cannot pass unseen.',
  },

  E1: row('WebSocket handshakes', [`${ws}/handshake.test.ts`, 'what a server refuses', 'fails over %s']),
  E2: row(
    'masks and reserved bits',
    [`${ws}/websocket.test.ts`, 'a client fails the connection over a masked'],
    [`${ws}/autobahn.test.ts`],
  ),
  E3: row('frames of control and fragments', [`${ws}/autobahn.test.ts`]),
  E4: row(
    'lengths',
    [`${ws}/header.test.ts`, 'do not round a length'],
    [`${ws}/websocket.test.ts`, 'limits (bad-input'],
  ),
  E5: row('lengths that are written too long', [`${ws}/websocket.test.ts`, 'limits (bad-input']),
  E6: row('text that is none', [`${ws}/websocket.test.ts`, 'text is checked octet by octet']),
  E7: row(
    'close codes',
    [`${ws}/header.test.ts`, 'codes that a Close frame'],
    [`${ws}/websocket.test.ts`, 'after Close'],
  ),
  E8: row('bombs', ['layers/6-presentation/deflate/permessage-deflate.test.ts', 'stops a bomb']),
  E9: row('very many pieces', [`${ws}/websocket.test.ts`, 'a million octets in pieces']),
  E10: row('pings, and who does not read', [
    `${ws}/websocket.test.ts`,
    'of Pongs that wait',
    'back-pressure',
    'heartbeat',
  ]),
  E11: row('memory of before', ['tidy.test.ts', 'no uninitialised memory']),
  E12: row(
    'Engine.IO',
    ['layers/5-session/engine-io/header.test.ts', 'what a hostile peer sends', 'a million packets'],
    ['layers/5-session/engine-io/engine-server.test.ts', '%s %s is refused', 'two polls at once'],
  ),
  E13: row('Socket.IO packets', [`${sio}/header.test.ts`, 'what a hostile peer sends', 'text where an attachment']),
  E14: row('placeholders', [`${sio}/header.test.ts`, 'a placeholder with', 'the same placeholder twice']),
  E15: row(
    'event names and ids',
    [`${sio}/header.test.ts`, 'what a hostile peer sends'],
    [`${sio}/protocol.test.ts`, 'an acknowledgement that nobody waits for'],
  ),
  E16: row('deep JSON', [`${sio}/header.test.ts`, 'takes what is just deep enough', '__proto__ stays']),
  E17: {
    ...row('errors that nobody hears', [`${sio}/header.test.ts`, 'never throws']),
    reason: 'Nothing simulated is an EventEmitter: a mistake is an entry of the journal.',
  },
  E18: row('MQTT lengths', [`${mqtt}/codec.test.ts`, 'refuses at the header']),
  E19: row(
    'PUBLISH',
    [`${mqtt}/codec.test.ts`, 'are a problem or a packet'],
    [`${mqtt}/hostile.test.ts`, 'a client that breaks the rules of 3.1.1'],
  ),
  E20: row('SUBSCRIBE', [`${mqtt}/hostile.test.ts`, 'a client that breaks the rules of 3.1.1']),
  E21: row('CONNECT', [`${mqtt}/hostile.test.ts`, 'CONNECT at the edges']),
  E22: row(
    'properties of 5.0',
    [`${mqtt}/hostile.test.ts`, 'a client that breaks the rules of 5.0'],
    [`${mqtt}/codec.test.ts`, 'drops the rest of the chunk'],
  ),
  E23: row('QoS 2 in every crash', [`${mqtt}/crash.test.ts`], [`${mqtt}/hostile.test.ts`, 'QoS 2, step by step']),
  E24: row(
    'topic filters',
    [`${mqtt}/topic.test.ts`, 'bounds the levels', '%s is not'],
    [`${mqtt}/broker.test.ts`, 'do not let clients publish to $SYS'],
  ),
  E25: row(
    'queues',
    ['layers/7-application/queue/broker.test.ts', 'a dead-letter cycle', 'a poison message'],
    ['layers/7-application/queue/hostile.test.ts', "an acknowledgment of another channel's delivery"],
  ),

  F1: row('loss, one way or both', [storms, 'F1:']),
  F2: row('bursts, and each n-th segment of opening and closing', [storms, 'F2:']),
  F3: row('copies, early and late', [storms, 'F3:']),
  F4: row('another order', [storms, 'F4:']),
  F5: row('damage', [storms, 'F5:']),
  F6: row('delays that jump and grow', [storms, 'F6:']),
  F7: row('partitions', [storms, 'F7:']),
  F8: row('clogged and free in any order', [storms, 'F8:']),
  F9: row('links that flap, MTUs that change', [storms, 'F9:']),
  F10: row('black holes', [storms, 'F10:'], [`${tcp}/watching.test.ts`, 'RFC 4821: with detection']),
  F11: row('queues and rates at their ends', [storms, 'F11:']),
  F12: row('windows that stay closed', [storms, 'F12:'], [`${tcp}/sending.test.ts`, 'a window update that is lost']),
  F13: row(
    'crashes, and crashes in every event',
    [storms, 'F13:'],
    [`${mqtt}/crash.test.ts`],
    ['layers/7-application/queue/crash.test.ts'],
  ),
  F14: row('clocks', [storms, 'F14:'], ['world/probes.test.ts', 'changes what {t} shows']),
  F15: row(
    'addresses that two have, loops of routes',
    ['layers/2-link/arp.test.ts', 'RFC 5227 2.1.1: it is not free'],
    [`${tcp}/ip.test.ts`, 'RFC 1812 5.3.1: in a loop'],
  ),
  F16: row('storms in loops of switches', [shell, '2: a storm in a loop of switches']),
  F17: {
    ...row(
      'gates that forget',
      ['layers/3-network/firewall/firewall.test.ts', 'forgets a connection'],
      ['layers/3-network/nat/nat.test.ts', 'forgets a flow after the idle time'],
    ),
    reason: 'No node strips options or writes other sequence numbers; resets from the middle are D10.',
  },
  F18: row(
    'Socket.IO that breaks off anywhere',
    [`${sio}/outages.test.ts`],
    ['layers/5-session/engine-io/engine-server.test.ts', 'what is sent in between is neither lost'],
  ),
  F19: row('faults at the same instant', [storms, 'F19:']),
  F20: row('faults that stop', ['swarm/swarm.test.ts', 'finds nothing in 24 seeds']),

  G1: row(
    'no terminal',
    ['cli/events.test.ts', 'is what walk prints without a terminal'],
    [streams, 'that is no terminal'],
  ),
  G2: row('sizes', ['tui/walk.test.ts', 'sizes (G2)'], ['tui/terminal.test.ts', 'redraws without debris']),
  G3: row('many keys in one read', ['tui/decoder.test.ts', 'hands over every key']),
  G4: row('sequences in payloads', ['tui/canvas.test.ts', 'shows what a terminal would obey']),
  G5: row(
    'controls, directions, surrogates',
    ['tui/canvas.test.ts', 'shows what a terminal would obey'],
    ['projections/printable.test.ts', 'leaves no character of the C0 and C1'],
  ),
  G6: row('wide and combining characters', ['tui/canvas.test.ts', 'keeps combining marks', 'never leaves half']),
  G7: row('text from right to left', ['projections/printable.test.ts', 'printable']),
  G8: row(
    'few colours, no UTF-8',
    ['tui/compositor.test.ts', 'has no colour codes', 'draws with ASCII only'],
    ['cli/terminal.test.ts', 'isAsciiOnly'],
    [screen, 'a gateway has its screen in ASCII'],
  ),
  G9: row(
    'Ctrl-C, Ctrl-Z, Ctrl-D, Ctrl-\\',
    ['tui/terminal.test.ts', 'ends with 130'],
    [screen, 'goes on after it was stopped', 'gives its terminal back at %s'],
    [suspend, '%s: the shell has its terminal', '%s stops %s, and keys'],
  ),
  G10: row('a mistake of ours', ['tui/program.test.ts', 'gives the terminal back before it tells']),
  G11: row('kill -9', [limits, 'a process that is killed']),
  G12: row(
    'a terminal that goes away',
    ['tui/program.test.ts', 'leaves at Ctrl-C and when the terminal goes away'],
    [screen, 'leaves when its terminal is closed'],
  ),
  G13: {
    ...row('a million events', ['tui/walk.test.ts', 'goes 30 steps forward']),
    reason: '`npm run bench -- tui` measures a million; a test of that size takes too long.',
  },
  G14: row('back, and back again', ['tui/walk.test.ts', 'goes 30 steps forward'], ['projections/chronicle.test.ts']),
  G15: row('large payloads', ['tui/walk.test.ts', 'draws at %i×%i'], ['tui/scrolled.test.ts']),
  G16: row(
    'mouse, paste, unknown sequences',
    ['tui/decoder.test.ts', 'what is no key (G16)'],
    [streams, 'may hold a line that does not end'],
  ),
  G17: row('without a screen', ['tui/tape.test.ts', 'the plain walk (G17)']),

  H1: row('other Nodes', ['nodes/nodes.test.ts', 'on %s, elsewhere']),
  H2: row('powers', ['tidy.test.ts', '10. no Math function']),
  H3: row('functions that differ', ['tidy.test.ts', '10. no Math function']),
  H4: row('clocks and chance of the real world', ['tidy.test.ts', '8. no clock']),
  H5: row(
    'languages and time zones',
    ['tidy.test.ts', 'no function of the locale'],
    ['nodes/nodes.test.ts', 'on %s, elsewhere'],
  ),
  H6: row('orders of maps and sorts', ['scenarios.test.ts'], ['kernel/queue.test.ts', 'runs by (time, insertion)']),
  H7: row('texts of the engine', ['nodes/nodes.test.ts', 'which is the golden one']),
  H8: row('fractions', ['projections/jsonl.test.ts', 'refuses a fraction']),
  H9: row('octets of zlib', ['layers/6-presentation/deflate/permessage-deflate.test.ts', 'the octets are these']),
  H10: row(
    'real programs',
    ['realnet/programs.test.ts'],
    ['realnet/test-helpers.test.ts', 'stops at the first difference'],
  ),
  H11: row('what is added elsewhere', [storms, 'H11:'], ['kernel/rng.test.ts', 'the seed contract']),
  H12: row('extreme seeds', ['kernel/rng.test.ts', 'extreme seeds mix well']),
  H13: row(
    'who looks',
    ['layers/1-physical/cable.test.ts', 'recording changes nothing'],
    ['cli/sweep.test.ts', 'gives the same octets'],
  ),
  H14: row('dates and orders of folders', ['nodes/nodes.test.ts', 'on %s, elsewhere'], ['cli/test-command.test.ts']),

  I1: {
    ...row('a hundred million events', ['cli/bad-input.test.ts', '2: a run that does not end']),
    reason: '`npm run bench` measures rates and memory; a test of that size takes too long.',
  },
  I2: row('long journals', [shell, '2: a journal that does not fit the memory']),
  I3: row('times near 2^53', ['kernel/queue.test.ts', 'refuses the past'], [limits, 'no run is set to last longer']),
  I4: row(
    'counters that wrap',
    ['layers/4-transport/tcp/transfer.test.ts', 'the sequence numbers wrap'],
    [limits, 'packet identifiers'],
  ),
  I5: row('storms of timers', ['kernel/queue.test.ts', 'timers: putting off', 'a loop that never lets time pass']),
  I6: row('a thousand hosts', [files, 'A20:'], [limits, 'a thousand hosts']),
  I7: row('a million seeds', ['cli/sweep.test.ts', 'goes on after Ctrl-C']),
  I8: row(
    'a full disk',
    ['cli/outputs.test.ts', 'says in words that a device is full', 'leaves the old file'],
    [limits, 'on a disk that is full'],
  ),
  I9: row(
    'little memory',
    [shell, '2: a journal that does not fit the memory'],
    [limits, '%s ends with 2 and a sentence', 'a gateway ends with 2', 'little memory'],
  ),

  J1: row(
    'formulas in CSV',
    ['cli/csv.test.ts', '%j becomes %j', 'is none in a sweep'],
    ['cli/grading.test.ts', 'quotes what needs it'],
  ),
  J2: row('markup in HTML', ['projections/report/report.test.ts', 'has no markup of it']),
  J3: row(
    'markup elsewhere',
    ['projections/report/report.test.ts', 'has none in SVG'],
    ['cli/test-command.test.ts', '--reporter %s'],
  ),
  J4: {
    ...row('names of files', [shell, 'B9, B10']),
    reason: 'No name of a file is made of what a scenario says; `-o` says it.',
  },
  J5: row('comments in pcapng', [limits, 'comments of any length']),
};
