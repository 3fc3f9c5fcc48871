/**
 * A server for iperf3, as `iperf3 -s`: one test at a time, over TCP. Its clients bring a control connection first and one
 * connection for each stream then, all to one port and with one cookie.
 *
 *   client                         server
 *   cookie ──────────────────────▶
 *          ◀────────────────────── PARAM_EXCHANGE
 *   parameters ──────────────────▶
 *          ◀────────────────────── CREATE_STREAMS
 *   a connection for each stream ▶
 *          ◀────────────────────── TEST_START, TEST_RUNNING
 *   TEST_END ────────────────────▶
 *          ◀────────────────────── EXCHANGE_RESULTS
 *   results ─────────────────────▶
 *          ◀────────────────────── results, DISPLAY_RESULTS
 *   IPERF_DONE ──────────────────▶
 */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { octets } from '../wording.ts';
import { IperfStream } from './iperf-stream.ts';
import {
  COOKIE_BYTES,
  GREATEST_JSON_BYTES,
  type Parameters,
  readJson,
  readParameters,
  STATE,
  streamId,
  writeJson,
  writeServerError,
} from './message.ts';

const SECOND_NS = 1_000_000_000;

export function serveIperf(services: AppServices, { name, port }: ServerOptions): void {
  const server = new IperfServer(services);
  services.streams.listen(name, port, (stream) => new Arrival(services, server, stream));
}

/** Who is being served. */
class IperfServer {
  readonly #services: AppServices;
  #test: Test | null = null;

  constructor(services: AppServices) {
    this.#services = services;
  }

  /** A connection with that cookie: what becomes of it. Null: it is sent away. */
  admit(cookie: string, stream: Stream): StreamUser | null {
    if (this.#test) return this.#test.admit(cookie, stream);
    this.#test = new Test(this.#services, cookie, stream, () => {
      this.#test = null;
    });
    return this.#test;
  }
}

/** A connection until its cookie is there; then it is passed on to whoever it belongs to. */
class Arrival implements StreamUser {
  readonly #services: AppServices;
  readonly #server: IperfServer;
  readonly #stream: Stream;
  #cookie = '';
  #user: StreamUser | null = null;
  #isOver = false;

  constructor(services: AppServices, server: IperfServer, stream: Stream) {
    this.#services = services;
    this.#server = server;
    this.#stream = stream;
  }

  onReadable(): void {
    if (!this.#user && !this.#isOver) this.#readCookie();
    this.#user?.onReadable?.();
  }

  #readCookie(): void {
    const { context, ledger } = this.#services;
    const stream = this.#stream;
    const bytes = stream.read(COOKIE_BYTES - this.#cookie.length);
    if (bytes.length === 0) return;
    const conversation: Conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    context.resume(ledger.received('data', stream.name, conversation, bytes));
    this.#cookie += String.fromCharCode(...bytes);
    if (this.#cookie.length < COOKIE_BYTES) return;
    this.#user = this.#server.admit(this.#cookie, stream);
    if (this.#user) return;
    ledger.told(stream.name, 'another test is running: access denied');
    this.#isOver = true;
    const outbox = new Outbox(context, stream, true);
    outbox.write(ledger.made('data', stream.name, conversation, Uint8Array.of(STATE.accessDenied)));
    stream.end();
  }

  onDrain(): void {
    this.#user?.onDrain?.();
  }

  onEnd(): void {
    if (this.#user) this.#user.onEnd?.();
    else this.#stream.close();
  }

  onClose(reason: CloseReason): void {
    this.#user?.onClose?.(reason);
  }
}

/** What the control connection is waited on for. */
type Phase = 'parameters' | 'streams' | 'running' | 'results' | 'done';

/** One test: the user of its control connection. */
class Test implements StreamUser {
  readonly #services: AppServices;
  readonly #cookie: string;
  readonly #control: Stream;
  readonly #outbox: Outbox;
  readonly #onOver: () => void;
  readonly #streams: IperfStream[] = [];
  #phase: Phase = 'parameters';
  #parameters: Parameters | null = null;
  #inbox = new Uint8Array(0);
  #startedNs = 0;
  #isOver = false;

  constructor(services: AppServices, cookie: string, control: Stream, onOver: () => void) {
    this.#services = services;
    this.#cookie = cookie;
    this.#control = control;
    this.#outbox = new Outbox(services.context, control, true);
    this.#onOver = onOver;
    this.#tell(STATE.paramExchange);
  }

  /** A stream of this test, or nobody. */
  admit(cookie: string, stream: Stream): StreamUser | null {
    const parameters = this.#parameters;
    if (cookie !== this.#cookie || this.#phase !== 'streams' || !parameters) return null;
    const { direction, streams } = parameters;
    // With streams both ways those that the client sends on come first.
    const isSender = direction === 'reverse' || (direction === 'both' && this.#streams.length >= streams);
    const user = new IperfStream(this.#services, stream, parameters, isSender);
    this.#streams.push(user);
    if (this.#streams.length === (direction === 'both' ? 2 * streams : streams)) this.#start(parameters);
    return user;
  }

  onReadable(): void {
    const { context, ledger } = this.#services;
    for (let bytes = this.#control.read(); bytes.length > 0; bytes = this.#control.read()) {
      const was = ledger.received('data', this.#control.name, this.#conversation, bytes);
      this.#inbox = Uint8Array.from([...this.#inbox, ...bytes]);
      while (!this.#isOver && this.#takeOne());
      context.resume(was);
    }
  }

  onDrain(): void {
    this.#outbox.drain();
  }

  onEnd(): void {
    this.#end('the client ended the control connection');
  }

  onClose(): void {
    this.#end('the control connection is gone');
  }

  get #conversation(): Conversation {
    return { transport: 'tcp', local: this.#control.local, remote: this.#control.remote };
  }

  /** False: what is there is no whole message. */
  #takeOne(): boolean {
    if (this.#phase === 'parameters' || this.#phase === 'results') {
      const json = this.#takeJson();
      if (json === null) return false;
      if (this.#phase === 'parameters') this.#onParameters(json);
      else this.#onResults(json);
      return true;
    }
    const [state] = this.#take(1);
    if (state === undefined) return false;
    this.#onState(state);
    return true;
  }

  #take(count: number): Uint8Array {
    const taken = this.#inbox.subarray(0, count);
    this.#inbox = this.#inbox.subarray(count);
    return taken;
  }

  /** Null: it is not all there, or it never will be. */
  #takeJson(): Uint8Array | null {
    if (this.#inbox.length < 4) return null;
    const length = new DataView(this.#inbox.buffer, this.#inbox.byteOffset).getUint32(0);
    if (length > GREATEST_JSON_BYTES) {
      this.#refuse(`a length of ${octets(length)} is no length of JSON text`);
      return null;
    }
    if (this.#inbox.length < 4 + length) return null;
    return this.#take(4 + length).subarray(4);
  }

  #onParameters(json: Uint8Array): void {
    const parameters = readParameters(json);
    if (typeof parameters === 'string') {
      this.#refuse(parameters);
      return;
    }
    this.#parameters = parameters;
    this.#phase = 'streams';
    this.#tell(STATE.createStreams);
  }

  #start({ omitSeconds, direction, streams }: Parameters): void {
    const { context, ledger } = this.#services;
    const ways = { forward: 'the client sends', reverse: 'this server sends', both: 'both sides send' };
    ledger.told(
      this.#control.name,
      `iperf3: a test of ${streams === 1 ? '1 stream' : `${streams} streams`} begins, ${ways[direction]}`,
    );
    this.#phase = 'running';
    this.#startedNs = context.nowNs;
    this.#tell(STATE.testStart);
    this.#tell(STATE.testRunning);
    for (const stream of this.#streams) stream.start();
    if (omitSeconds > 0) context.after(omitSeconds * SECOND_NS, () => this.#omit());
  }

  #omit(): void {
    if (this.#phase !== 'running') return;
    this.#startedNs = this.#services.context.nowNs;
    for (const stream of this.#streams) stream.restart();
  }

  #onState(state: number): void {
    if (state === STATE.testEnd && this.#phase === 'running') {
      for (const stream of this.#streams) stream.close();
      this.#phase = 'results';
      this.#tell(STATE.exchangeResults);
    } else if (state === STATE.done && this.#phase === 'done') this.#end('the test is done');
    else this.#end(state === STATE.clientTerminate ? 'the client gave up' : `state ${state} is out of turn`);
  }

  /** The client's results come first, then ours: of the streams on which it receives, what was sent; of others, what came. */
  #onResults(json: Uint8Array): void {
    if (readJson(json) === null) {
      this.#refuse('the results are no JSON object');
      return;
    }
    const { context, ledger } = this.#services;
    const seconds = (context.nowNs - this.#startedNs) / SECOND_NS;
    const streams = this.#streams.map(({ countedBytes }, index) => ({
      ...{ id: streamId(index), bytes: countedBytes, retransmits: -1, jitter: 0, errors: 0, packets: 0 },
      ...{ omitted_errors: 0, omitted_packets: 0, start_time: 0, end_time: seconds },
    }));
    const processor = { cpu_util_total: 0, cpu_util_user: 0, cpu_util_system: 0 };
    this.#say(writeJson({ ...processor, sender_has_retransmits: 0, streams }));
    const total = (isSender: boolean) =>
      this.#streams.reduce((sum, stream) => sum + (stream.isSender === isSender ? stream.countedBytes : 0), 0);
    ledger.told(this.#control.name, `iperf3: received ${octets(total(false))}, sent ${octets(total(true))}`);
    this.#phase = 'done';
    this.#tell(STATE.displayResults);
  }

  #tell(state: number): void {
    this.#say(Uint8Array.of(state));
  }

  #say(bytes: Uint8Array): void {
    this.#outbox.write(this.#services.ledger.made('data', this.#control.name, this.#conversation, bytes));
  }

  #refuse(why: string): void {
    this.#say(writeServerError());
    this.#end(why);
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#services.ledger.told(this.#control.name, `iperf3: ${why}`);
    for (const stream of this.#streams) stream.close();
    this.#control.close();
    this.#onOver();
  }
}
