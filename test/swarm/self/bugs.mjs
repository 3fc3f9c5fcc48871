/**
 * Bugs that are planted to test the tester: a file, and texts in it that are replaced, each of which must be there
 * exactly once. Nothing of them is in the product; the bundler reads another text. `npm run swarm:self` catches them.
 *
 * The first ones were real: the swarm found them.
 */

const TCP = 'src/layers/4-transport/tcp';
const CABLE = 'src/layers/1-physical/cable';
const MQTT = 'src/layers/7-application/mqtt';
const QUEUE = 'src/layers/7-application/queue';
const IO = 'src/layers/7-application/socket-io';

export const BUGS = [
  {
    name: 'a timer that was due in a pause fires although it was set anew',
    file: 'src/kernel/kernel.ts',
    replace: [['if (this.#held !== held) return;', '']],
  },
  {
    name: 'a retransmission takes new octets along beyond the window',
    file: `${TCP}/send.ts`,
    replace: [
      [
        'Math.min(this.buffer.length, this.#outlet.segmentBytes, allowed)',
        'Math.min(this.buffer.length, this.#outlet.segmentBytes)',
      ],
    ],
  },
  {
    name: 'what waits in an application is forgotten in a crash',
    file: 'src/layers/7-application/outbox.ts',
    replace: [['this.#cut.set(!this.isEmpty);', 'this.#cut.set(false);']],
  },
  {
    name: 'TCP does not look at the window of its peer',
    file: `${TCP}/send.ts`,
    replace: [['const usable = Math.min(byCongestion, this.sndWnd - flight);', 'const usable = byCongestion;']],
  },
  {
    name: 'no retransmission timer for what was sent',
    file: `${TCP}/send.ts`,
    replace: [['if (isOutstanding) this.#retransmission.set(this.roundTrip.rtoNs);', 'if (isOutstanding) return;']],
  },
  {
    name: 'a retransmission with SACK begins an octet too late in the buffer',
    file: `${TCP}/send.ts`,
    replace: [
      [
        'this.#transmitData(add(this.sndUna, offset), offset, length, board.endOf(index) - start > length);',
        'this.#transmitData(add(this.sndUna, offset), Math.min(offset + 1, this.buffer.length - length), length, board.endOf(index) - start > length);',
      ],
    ],
  },
  {
    name: 'no probe of a closed window',
    file: `${TCP}/persist.ts`,
    replace: [
      [
        'this.#timer.set(isClosed ? rtoNs : this.#profile.sillyWindowOverrideNs);',
        'if (!isClosed) this.#timer.set(this.#profile.sillyWindowOverrideNs);',
      ],
    ],
  },
  {
    name: 'the back-off of the timeout has no upper bound',
    file: `${TCP}/rto.ts`,
    replace: [
      ['doubling < doublings && doubled < greatestNs', 'doubling < doublings'],
      ['return Math.min(doubled, greatestNs);', 'return doubled;'],
      ['Math.min(2 * this.rtoNs, this.#maxNs)', '2 * this.rtoNs'],
    ],
  },
  {
    name: 'the right edge of the window moves left',
    file: `${TCP}/receive.ts`,
    replace: [
      [
        'return moves >= this.#step ? edge : this.#rcvAdv;',
        'return moves < 0 || moves >= this.#step ? edge : this.#rcvAdv;',
      ],
      ['if (field << shift < promised) field = (promised + (1 << shift) - 1) >>> shift;', ''],
      [
        'const free = Math.max(0, this.buffer.capacity - this.buffer.readableBytes);',
        'const free = Math.max(0, Math.floor(this.buffer.capacity / 2) - this.buffer.readableBytes);',
      ],
      [
        'this.#rcvAdv = this.rcvNxt;\n  }\n\n  /** RCV.WND',
        'this.#rcvAdv = add(this.rcvNxt, this.buffer.capacity);\n  }\n\n  /** RCV.WND',
      ],
    ],
  },
  {
    name: 'what was received before is acceptable',
    file: `${TCP}/sequence.ts`,
    replace: [['return offset >= 0 && offset < rcvWnd;', 'return offset >= -4096 && offset < rcvWnd;']],
  },
  {
    name: 'a FIN is counted twice',
    file: `${TCP}/receive.ts`,
    replace: [
      [
        'takeFin(): void {\n    this.rcvNxt = add(this.rcvNxt, 1);',
        'takeFin(): void {\n    this.rcvNxt = add(this.rcvNxt, 2);',
      ],
    ],
  },
  {
    name: 'a gap in the receive buffer closes by itself',
    file: `${TCP}/receive-buffer.ts`,
    replace: [['while (this.#ahead[0]?.start === this.#next)', 'while (this.#ahead.length > 0)']],
  },
  {
    name: 'the delayed ACK outlives its connection',
    file: `${TCP}/connection.ts`,
    replace: [['    this.receiver.stop();\n', '']],
  },
  {
    name: 'crossing FINs lead to CLOSE-WAIT',
    file: `${TCP}/arrival.ts`,
    replace: [
      [
        "else if (state === 'FIN-WAIT-1') connection.become('CLOSING', 'the FINs crossed');",
        "else if (state === 'FIN-WAIT-1') connection.become('CLOSE-WAIT', 'the FINs crossed');",
      ],
    ],
  },
  {
    name: 'a copy of a frame is not counted',
    file: `${CABLE}/channel.ts`,
    replace: [
      [
        '#sendTwin(twin: Pdu, original: number | null, onWireNs: Nanos): void {\n    this.sent++;',
        '#sendTwin(twin: Pdu, original: number | null, onWireNs: Nanos): void {',
      ],
    ],
  },
  {
    name: 'a queue takes more than it may hold',
    file: `${CABLE}/queue.ts`,
    replace: [['this.count < limit.packets', 'this.count < limit.packets + 2000']],
  },
  {
    name: 'a frame on a cable that is cut vanishes without a word',
    file: `${CABLE}/channel.ts`,
    replace: [
      [
        "      this.#dropOnWire(frame, 'link-down', `the link ${this.#link} was cut while it was on the way`);\n      return;",
        '      return;',
      ],
    ],
  },
  {
    name: 'chance is asked once more when somebody records',
    file: `${CABLE}/channel.ts`,
    replace: [
      [
        'const isLost = hasChances && this.#lots.loses(this.#impairments.loss);',
        'const isLost = hasChances && (this.#lots.loses(this.#impairments.loss) || (this.#kernel.journal.recording && this.#lots.loses(this.#impairments.loss)));',
      ],
    ],
  },
  {
    name: 'chance is asked once more when somebody watches a link',
    file: `${CABLE}/channel.ts`,
    replace: [
      [
        'const isLost = hasChances && this.#lots.loses(this.#impairments.loss);',
        'const isLost = hasChances && (this.#lots.loses(this.#impairments.loss) || (inspector !== null && this.#lots.loses(this.#impairments.loss)));',
      ],
    ],
  },
  {
    name: 'a switch does not flood what it does not know',
    file: 'src/layers/2-link/switch/switch.ts',
    replace: [
      [
        'if (egress !== ingress && isMember(egress.vlans, vlan))',
        'if (isGroupMac(destination) && egress !== ingress && isMember(egress.vlans, vlan))',
      ],
    ],
  },
  {
    name: 'whoever did not answer ARP in time is never asked again',
    file: 'src/layers/2-link/arp/arp.ts',
    replace: [
      [
        '    this.#resolutions.delete(address);\n    for (const pdu of resolution.waiting) {\n      const detail',
        '    for (const pdu of resolution.waiting) {\n      const detail',
      ],
    ],
  },
  {
    name: 'a NAT gives two flows one port',
    file: 'src/layers/3-network/nat/nat.ts',
    replace: [
      [
        'if (isFree(tuple.sourcePort)) return tuple.sourcePort;\n    for (let port = FIRST_FREE_PORT; port <= LAST_PORT; port++) if (isFree(port)) return port;\n    return null;',
        'return FIRST_FREE_PORT + (tuple.sourcePort % 2) + (isFree(1) ? 0 : 1);',
      ],
    ],
  },
  {
    name: 'fragments are put together in the wrong place',
    file: 'src/layers/3-network/reassembly.ts',
    replace: [['whole.end - total + start);\n', 'whole.end - total + (start > 0 ? start - 8 : 0));\n']],
  },
  {
    name: 'a broker takes a QoS 2 message that comes again for a new one',
    file: `${MQTT}/incoming.ts`,
    replace: [['if (this.#ids.has(id)) return false;', '']],
  },
  {
    name: 'what was in flight is not sent again after a reconnection',
    file: `${MQTT}/outgoing.ts`,
    replace: [['else this.#publish(stored.message, id, true, peer);', '']],
  },
  {
    name: 'a queue forgets what a lost consumer had not acknowledged',
    file: `${QUEUE}/broker-queue.ts`,
    replace: [['else this.#putBack(message, because);', '']],
  },
  {
    name: 'a queue confirms before the disk has it',
    file: `${QUEUE}/broker-queue.ts`,
    replace: [
      [
        'if (message.properties.deliveryMode === 2) this.#file?.put',
        'if (message.properties.deliveryMode === 2 && message.deliveries > 0) this.#file?.put',
      ],
    ],
  },
  {
    name: 'events that waited go out in reverse',
    file: `${IO}/client-socket.ts`,
    replace: [
      [
        "of this.#takeBuffered(() => true, 'it goes out')) {",
        "of [...this.#takeBuffered(() => true, 'it goes out')].reverse()) {",
      ],
    ],
  },
  {
    name: 'a Socket.IO client gives up after its first attempt to come back',
    file: `${IO}/io-connection.ts`,
    replace: [
      ['this.#log.told(`cannot connect: ${why}`);\n    this.#wait();', 'this.#log.told(`cannot connect: ${why}`);'],
    ],
  },
  {
    name: 'a request whose connection ends is never told of',
    file: 'src/layers/7-application/http/http-client.ts',
    replace: [['this.fail(`the connection ${ENDED[reason]}`);', '']],
  },
  {
    name: 'what was acknowledged and nobody had read ends without a word',
    file: `${TCP}/remains.ts`,
    replace: [
      [
        "if (ending.context.recording) record(ending, 'acknowledged",
        "if (bytes.length < 0) record(ending, 'acknowledged",
      ],
    ],
  },
  {
    name: 'what waits in an Engine.IO session is forgotten in a crash',
    file: 'src/layers/5-session/engine-io/transport.ts',
    replace: [['watch.set(true);', 'watch.set(false);']],
  },
];
