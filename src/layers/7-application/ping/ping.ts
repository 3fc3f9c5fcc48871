import type { Nanos } from '../../../kernel/journal.ts';
import { formatIp, type IpAddress } from '../../../wire/address.ts';
import type { EchoListener, EchoService, NetworkError } from '../../3-network/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';

const NAME = 'ping';
/** How long ping waits for answers after its last request; iputils waits as long. */
const LINGER_NS: Nanos = 10_000_000_000;
const ICMP_HEADER_BYTES = 8;

export interface PingOptions {
  readonly target: string;
  readonly count: number;
  readonly everyNs: Nanos;
  readonly sizeBytes: number;
  readonly dontFragment: boolean;
}

/** The action `ping`: echo requests (RFC 792), one after another, and what came back. */
export function ping(services: AppServices, echoes: EchoService, lookup: Lookup, options: PingOptions): void {
  lookup.find(options.target, (answer) => {
    if ('problem' in answer) services.ledger.told(NAME, `cannot ping ${options.target}: ${answer.problem}`);
    else new Series(services, echoes, answer.address, options).next();
  });
}

class Series implements EchoListener {
  readonly #services: AppServices;
  readonly #echoes: EchoService;
  readonly #to: IpAddress;
  readonly #options: PingOptions;
  readonly #identifier: number;
  readonly #sentNs = new Map<number, Nanos>();
  #sent = 0;
  #received = 0;
  #isOver = false;
  #stopLingering: () => void = () => {};

  constructor(services: AppServices, echoes: EchoService, to: IpAddress, options: PingOptions) {
    this.#services = services;
    this.#echoes = echoes;
    this.#to = to;
    this.#options = options;
    this.#identifier = echoes.openEcho(this);
  }

  next(): void {
    const { context, ledger } = this.#services;
    const { count, everyNs, sizeBytes, dontFragment } = this.#options;
    this.#sent++;
    this.#sentNs.set(this.#sent, context.nowNs);
    this.#measure('sent', this.#sent);
    const sent = this.#echoes.request(this.#to, this.#identifier, this.#sent, sizeBytes, { dontFragment });
    if (!sent) ledger.told(NAME, `icmp_seq=${this.#sent} could not be sent to ${formatIp(this.#to)}`);
    if (this.#sent < count) context.after(everyNs, () => this.next());
    else this.#stopLingering = context.after(LINGER_NS, () => this.#end());
  }

  onReply(sequence: number, from: IpAddress, dataBytes: number, ttl: number): void {
    const { context, ledger } = this.#services;
    const sentNs = this.#sentNs.get(sequence);
    const bytes = dataBytes + ICMP_HEADER_BYTES;
    if (sentNs === undefined) {
      ledger.told(NAME, `${bytes} bytes from ${formatIp(from)}: icmp_seq=${sequence} ttl=${ttl} (DUP!)`);
      return;
    }
    this.#sentNs.delete(sequence);
    this.#received++;
    const rttNs = context.nowNs - sentNs;
    this.#measure('received', this.#received);
    this.#measure('rtt', rttNs);
    ledger.told(NAME, `${bytes} bytes from ${formatIp(from)}: icmp_seq=${sequence} ttl=${ttl} time=${rttNs / 1e6} ms`);
    if (this.#sent === this.#options.count && this.#sentNs.size === 0) this.#end();
  }

  onError(sequence: number, error: NetworkError): void {
    this.#services.ledger.told(NAME, `from ${formatIp(error.reporter)}: icmp_seq=${sequence} ${errorText(error)}`);
    this.#sentNs.delete(sequence);
    if (this.#sent === this.#options.count && this.#sentNs.size === 0) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopLingering();
    this.#echoes.closeEcho(this.#identifier);
    const text = `${this.#sent} sent, ${this.#received} received, ${this.#sent - this.#received} lost`;
    this.#services.ledger.told(NAME, text);
  }

  #measure(name: string, value: number): void {
    const { context } = this.#services;
    if (context.recording) context.record({ kind: 'metric', layer: 7, protocol: 'icmp', machine: NAME, name, value });
  }
}

const UNREACHABLE_WORDS = ['Net Unreachable', 'Host Unreachable', 'Protocol Unreachable', 'Port Unreachable'];
/** The same codes in the words for ICMPv6 (RFC 4443 section 3.1). */
const UNREACHABLE_WORDS_6: Readonly<Record<number, string>> = {
  0: 'No route',
  1: 'Address unreachable',
  2: 'Unknown next header',
  3: 'Port unreachable',
  13: 'Administratively prohibited',
};

/** An ICMP error in ping's words. */
export function errorText(error: NetworkError): string {
  if (typeof error.destination === 'bigint') return errorText6(error);
  if (error.kind === 'time-exceeded') return 'Time to live exceeded';
  if (error.kind === 'too-big') return `Frag needed and DF set (mtu = ${error.mtuBytes})`;
  if (error.kind === 'parameter-problem') return 'Parameter problem';
  return `Destination ${UNREACHABLE_WORDS[error.code] ?? `Unreachable, code ${error.code}`}`;
}

function errorText6({ kind, code, mtuBytes }: NetworkError): string {
  if (kind === 'time-exceeded')
    return code === 0 ? 'Time exceeded: Hop limit' : 'Time exceeded: Defragmentation failure';
  if (kind === 'too-big') return `Packet too big: mtu=${mtuBytes}`;
  if (kind === 'parameter-problem') return 'Parameter problem';
  return `Destination unreachable: ${UNREACHABLE_WORDS_6[code] ?? `code ${code}`}`;
}
