/** What a client makes of a server's certificates (RFC 5280 section 6, RFC 9525): for whom, until when, and who says so. */

import { X509Certificate } from 'node:crypto';
import { TlsProblem } from './header.ts';

export interface Trust {
  /** Certificates of authorities, as DER. */
  readonly roots: readonly Uint8Array[];
  /** Whom the client means to talk to: a DNS name or an IPv4 address. */
  readonly serverName: string;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
}

/** The certificate itself when all is well. `chain`: as it came, the server's own first. */
export function checkChain(chain: readonly Uint8Array[], trust: Trust): X509Certificate | TlsProblem {
  const read = chain.map(readCertificate);
  const [leaf] = read;
  if (!leaf || read.some((each) => each === null)) {
    return new TlsProblem('bad_certificate', 'malformed: a certificate cannot be read');
  }
  const certificates = read as X509Certificate[];
  const problem = checkIssuers(certificates, trust) ?? checkName(leaf, trust.serverName);
  return problem ?? leaf;
}

/** Up from the server's own certificate to one that a trusted authority signed; each must be valid now. */
function checkIssuers(certificates: readonly X509Certificate[], trust: Trust): TlsProblem | null {
  const roots = trust.roots.flatMap((each) => readCertificate(each) ?? []);
  for (const [index, certificate] of certificates.entries()) {
    const dates = checkDates(certificate, trust.nowSeconds);
    if (dates) return dates;
    if (roots.some((root) => root.raw.equals(certificate.raw))) return null;
    const root = roots.find((each) => certificate.checkIssued(each));
    if (root) return isSignedBy(certificate, root) ? checkDates(root, trust.nowSeconds) : badSignature();
    const next = certificates[index + 1];
    if (!next || !certificate.checkIssued(next)) {
      return new TlsProblem('unknown_ca', `unknown authority: nobody trusted signed for ${named(certificate.issuer)}`);
    }
    if (!next.ca) return new TlsProblem('bad_certificate', 'bad signature: the issuer is no authority');
    if (!isSignedBy(certificate, next)) return badSignature();
  }
  return new TlsProblem('unknown_ca', 'unknown authority: the chain ends before anybody trusted');
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** RFC 8446 section 6.2: `decrypt_error` is for signatures of the handshake itself. */
function badSignature(): TlsProblem {
  return new TlsProblem('bad_certificate', 'bad signature: the certificate was not signed by its issuer');
}

function checkDates(certificate: X509Certificate, nowSeconds: number): TlsProblem | null {
  const [from, until] = [secondsOf(certificate.validFrom), secondsOf(certificate.validTo)];
  const who = named(certificate.subject);
  if (from === null || until === null) return new TlsProblem('bad_certificate', 'malformed: a date cannot be read');
  if (nowSeconds > until) {
    return new TlsProblem('certificate_expired', `expired: the certificate of ${who} ended ${certificate.validTo}`);
  }
  if (nowSeconds < from) {
    // The same alert says both (RFC 8446 section 6.2).
    return new TlsProblem('certificate_expired', `not valid yet: the one of ${who} begins ${certificate.validFrom}`);
  }
  return null;
}

function checkName(leaf: X509Certificate, serverName: string): TlsProblem | null {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(serverName);
  const isFor = isAddress ? leaf.checkIP(serverName) : leaf.checkHost(serverName, { subject: 'never' });
  if (isFor !== undefined) return null;
  const names = leaf.subjectAltName ?? 'nobody';
  return new TlsProblem('bad_certificate', `wrong name: the certificate is for ${names}, not for ${serverName}`);
}

function named(distinguished: string): string {
  return distinguished.replace(/^CN=/, '').replaceAll('\n', ', ');
}

function readCertificate(bytes: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Dec 31 23:59:59 2049 GMT` in seconds since 1970, by hand: dates of the language know of places and clocks. */
function secondsOf(text: string): number | null {
  const [, name = '', day, hour, minute, second, year] =
    /^(\w{3}) +(\d+) (\d+):(\d+):(\d+) (\d+) GMT$/.exec(text) ?? [];
  const month = MONTHS.indexOf(name);
  if (month < 0) return null;
  // The civil calendar counted from March, so that the day that may be missing is a year's last.
  const shifted = Number(year) - (month < 2 ? 1 : 0);
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + Number(day) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60 + Number(second);
}
