import type { Nanos } from '../../../kernel/journal.ts';
import { formatIp, type IpAddress } from '../../../wire/address.ts';
import type { EchoListener, EchoService, NetworkError } from '../../3-network/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';
import { errorText } from './ping.ts';

const NAME = 'traceroute';
const MOST_HOPS = 30;
/** What the usual tool waits for one answer. */
const WAIT_NS: Nanos = 5_000_000_000;

export interface TracerouteOptions {
  readonly target: string;
  /** Probes for each hop. */
  readonly count: number;
  /** From probe to probe at least, in ns. */
  readonly everyNs: Nanos;
  readonly sizeBytes: number;
  readonly dontFragment: boolean;
}

/**
 * The action `traceroute`: echo requests whose time to live grows from 1, `count` for each value; every router that has to
 * discard one says so (RFC 792, time exceeded), until the target itself answers.
 */
export function traceroute(
  services: AppServices,
  echoes: EchoService,
  lookup: Lookup,
  options: TracerouteOptions,
): void {
  lookup.find(options.target, (answer) => {
    if ('problem' in answer) services.ledger.told(NAME, `cannot trace ${options.target}: ${answer.problem}`);
    else new Trace(services, echoes, answer.address, options).next();
  });
}

class Trace implements EchoListener {
  readonly #services: AppServices;
  readonly #echoes: EchoService;
  readonly #to: IpAddress;
  readonly #options: TracerouteOptions;
  readonly #identifier: number;
  #sequence = 0;
  #sentNs: Nanos = 0;
  #cancel: () => void = () => {};
  #isOver = false;

  constructor(services: AppServices, echoes: EchoService, to: IpAddress, options: TracerouteOptions) {
    this.#options = options;
    this.#services = services;
    this.#echoes = echoes;
    this.#to = to;
    this.#identifier = echoes.openEcho(this);
  }

  get #hop(): number {
    return Math.ceil(this.#sequence / this.#options.count);
  }

  next(): void {
    const { context } = this.#services;
    this.#sequence++;
    this.#sentNs = context.nowNs;
    this.#cancel = context.after(WAIT_NS, () => this.#onProbe('no answer within 5 s', false));
    const { sizeBytes, dontFragment } = this.#options;
    this.#echoes.request(this.#to, this.#identifier, this.#sequence, sizeBytes, { ttl: this.#hop, dontFragment });
  }

  onReply(sequence: number, from: IpAddress): void {
    if (sequence === this.#sequence) this.#onProbe(`${formatIp(from)} ${this.#elapsed()}, the target`, true);
  }

  onError(sequence: number, error: NetworkError): void {
    if (sequence !== this.#sequence) return;
    const isEnd = error.kind !== 'time-exceeded';
    const what = isEnd ? `, ${errorText(error)}` : '';
    this.#onProbe(`${formatIp(error.reporter)} ${this.#elapsed()}${what}`, isEnd);
  }

  #elapsed(): string {
    return `${(this.#services.context.nowNs - this.#sentNs) / 1e6} ms`;
  }

  /** The target's hop is the last. */
  #onProbe(text: string, isEnd: boolean): void {
    const { context, ledger } = this.#services;
    if (this.#isOver) return;
    this.#cancel();
    ledger.told(NAME, `hop ${this.#hop}: ${text}`);
    if (context.recording) {
      context.record({ kind: 'metric', layer: 7, protocol: 'icmp', machine: NAME, name: 'hops', value: this.#hop });
    }
    const isLastOfHop = this.#sequence % this.#options.count === 0;
    if (isLastOfHop && (isEnd || this.#hop === MOST_HOPS)) {
      this.#isOver = true;
      this.#echoes.closeEcho(this.#identifier);
      return;
    }
    const restNs = this.#sentNs + this.#options.everyNs - context.nowNs;
    if (restNs > 0) context.after(restNs, () => this.next());
    else this.next();
  }
}
