/** Reply codes (AMQP 0-9-1 section 1.1, "constants"): why a channel or a connection is closed. */

export const REPLY = {
  success: 200,
  contentTooLarge: 311,
  noRoute: 312,
  connectionForced: 320,
  accessRefused: 403,
  notFound: 404,
  resourceLocked: 405,
  preconditionFailed: 406,
  frameError: 501,
  syntaxError: 502,
  commandInvalid: 503,
  channelError: 504,
  unexpectedFrame: 505,
  resourceError: 506,
  notAllowed: 530,
  notImplemented: 540,
  internalError: 541,
} as const;

const TEXTS: ReadonlyMap<number, string> = new Map<number, string>([
  [REPLY.contentTooLarge, 'CONTENT_TOO_LARGE'],
  [REPLY.noRoute, 'NO_ROUTE'],
  [REPLY.connectionForced, 'CONNECTION_FORCED'],
  [REPLY.accessRefused, 'ACCESS_REFUSED'],
  [REPLY.notFound, 'NOT_FOUND'],
  [REPLY.resourceLocked, 'RESOURCE_LOCKED'],
  [REPLY.preconditionFailed, 'PRECONDITION_FAILED'],
  [REPLY.frameError, 'FRAME_ERROR'],
  [REPLY.syntaxError, 'SYNTAX_ERROR'],
  [REPLY.commandInvalid, 'COMMAND_INVALID'],
  [REPLY.channelError, 'CHANNEL_ERROR'],
  [REPLY.unexpectedFrame, 'UNEXPECTED_FRAME'],
  [REPLY.resourceError, 'RESOURCE_ERROR'],
  [REPLY.notAllowed, 'NOT_ALLOWED'],
  [REPLY.notImplemented, 'NOT_IMPLEMENTED'],
  [REPLY.internalError, 'INTERNAL_ERROR'],
]);

/** What is wrong, with its code. Codes that the standard calls hard close the connection, soft ones the channel. */
export class AmqpProblem {
  readonly code: number;
  readonly why: string;

  constructor(code: number, why: string) {
    this.code = code;
    this.why = why;
  }

  get isHard(): boolean {
    const soft: readonly number[] = [
      REPLY.contentTooLarge,
      REPLY.accessRefused,
      REPLY.notFound,
      REPLY.resourceLocked,
      REPLY.preconditionFailed,
    ];
    return !soft.includes(this.code);
  }

  /** As RabbitMQ writes it: `PRECONDITION_FAILED - unknown delivery tag 7`. */
  get text(): string {
    return `${TEXTS.get(this.code) ?? 'ERROR'} - ${this.why}`;
  }
}
