/** What all hosts of a run share for TLS: the authority, made of the seed when the first one asks, and the calendar. */

import { Rng } from '../kernel/rng.ts';
import { Authority, type CertificateOptions, pem } from '../layers/6-presentation/tls/authority.ts';
import type { TlsWorld } from '../layers/6-presentation/tls/tls.ts';

/** The year 2000, in which every run begins, in seconds since 1970. */
const EPOCH_SECONDS = 946_684_800;

export class RunTls implements TlsWorld {
  readonly epochSeconds = EPOCH_SECONDS;
  readonly #random: (stream: string) => Rng;
  #authority: Authority | null = null;

  /** `random`: the run's named streams. */
  constructor(random: (stream: string) => Rng) {
    this.#random = random;
  }

  get authority(): Authority {
    this.#authority ??= new Authority('packetwalk CA', (purpose) => {
      const stream = this.#random(`tls/ca/${purpose}`);
      return (length) => stream.bytes(length);
    });
    return this.#authority;
  }
}

/** The certificate of the authority that a run with that seed has, for programs that are to trust its servers. */
export function authorityPem(seed: string): string {
  return pem('CERTIFICATE', authorityOf(seed).root.bytes);
}

/**
 * A certificate of that authority, and its private key behind it, for a real server that stands for one of the
 * scenario's: the same text for the same seed and options, and none that a simulated server has.
 */
export function certificatePem(seed: string, options: CertificateOptions): string {
  const { bytes, key } = authorityOf(seed).issue(`outside ${JSON.stringify(options)}`, options);
  return pem('CERTIFICATE', bytes) + pem('PRIVATE KEY', key.pkcs8);
}

function authorityOf(seed: string): Authority {
  return new RunTls((stream) => new Rng(seed, stream)).authority;
}
