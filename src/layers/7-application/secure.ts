/** Applications over TLS: the services that they are handed have streams that nobody on the way can read. */

import { authorityText } from '../../wire/address.ts';
import type { TlsClientOptions, TlsServerOptions } from '../6-presentation/service.ts';
import type { AppServices } from './app-services.ts';

/** What is asked for beside the application's own protocol. */
export type ClientTls = Omit<TlsClientOptions, 'protocols'>;
export type ServerTls = Omit<TlsServerOptions, 'protocols'>;

/** Without `tls` the services stay as they are. `protocols`: what the application speaks (RFC 7301). */
export function securedClient(
  services: AppServices,
  tls: ClientTls | undefined,
  protocols: readonly string[],
): AppServices {
  if (!tls) return services;
  if (!services.tls) throw new Error('this node has no TLS');
  return { ...services, streams: services.tls.client({ ...tls, protocols }) };
}

export function securedServer(
  services: AppServices,
  tls: ServerTls | undefined,
  protocols: readonly string[],
): AppServices {
  if (!tls) return services;
  if (!services.tls) throw new Error('this node has no TLS');
  return { ...services, streams: services.tls.server({ ...tls, protocols }) };
}

/** A host as it stands in the Host field and in URLs: with its port, unless that is the usual one. */
export function authorityOf(host: string, port: number, tls: ClientTls | undefined): string {
  return authorityText(host, port, tls ? 443 : 80);
}
