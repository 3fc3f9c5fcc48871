import type { NetworkError, NetworkService, NetworkUser } from '../../../src/layers/3-network/service.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import type { IpAddress } from '../../../src/wire/address.ts';

export interface SentDatagram {
  readonly bytes: Uint8Array;
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly carries: readonly number[];
  readonly out?: string | undefined;
}

/** A network of one host: keeps what is sent, and hands in what a test makes up. */
export class FakeNetwork implements NetworkService {
  readonly address: IpAddress;
  readonly sent: SentDatagram[] = [];
  readonly refused: Uint8Array[] = [];
  readonly users = new Map<number, NetworkUser>();
  hasRoute = true;

  constructor(address: IpAddress) {
    this.address = address;
  }

  sourceTowards(): IpAddress | null {
    return this.hasRoute ? this.address : null;
  }

  mtuTowards(): number {
    return 1500;
  }

  isLocal(address: IpAddress): boolean {
    return address === this.address;
  }

  send(
    pdu: Pdu,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    _dontFragment?: boolean,
    _ttl?: number,
    out?: string,
  ): boolean {
    if (this.hasRoute) {
      this.sent.push({ bytes: pdu.view().slice(), protocol, source, destination, carries: pdu.carries, out });
    }
    return this.hasRoute;
  }

  register(protocol: number, user: NetworkUser): void {
    this.users.set(protocol, user);
  }

  refuse(pdu: Pdu): void {
    this.refused.push(pdu.view().slice());
  }

  receive(
    bytes: Uint8Array,
    protocol: number,
    source: IpAddress,
    destination: IpAddress = this.address,
    via?: string,
  ): void {
    this.users.get(protocol)?.onDatagram(Pdu.around(bytes), source, destination, via);
  }

  report(protocol: number, error: NetworkError): void {
    this.users.get(protocol)?.onNetworkError(error);
  }
}
