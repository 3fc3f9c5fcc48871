/** Errors as Node makes them of what the operating system says. */

/** Linux's numbers, and libuv's for what getaddrinfo says. */
const ERRNO = {
  EPIPE: -32,
  EADDRINUSE: -98,
  ENETUNREACH: -101,
  ECONNRESET: -104,
  ETIMEDOUT: -110,
  ECONNREFUSED: -111,
  EHOSTUNREACH: -113,
  ENOTFOUND: -3008,
  EAI_AGAIN: -3001,
} as const;

export type ErrorCode = keyof typeof ERRNO;

/** `connect ECONNREFUSED 10.0.0.2:80`, with `code`, `errno`, `syscall` and what else Node puts there. */
export function systemError(
  syscall: string,
  code: ErrorCode,
  details: { readonly address?: string; readonly port?: number; readonly hostname?: string } = {},
): NodeJS.ErrnoException {
  const { address, port, hostname } = details;
  const place = hostname ?? (address === undefined ? '' : port === undefined ? address : `${address}:${port}`);
  const what = code === 'EADDRINUSE' ? `${code}: address already in use` : code;
  const error = new Error(`${syscall} ${what}${place === '' ? '' : ` ${place}`}`);
  return Object.assign(error, { errno: ERRNO[code], code, syscall, ...details });
}
