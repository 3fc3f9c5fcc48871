/** What fuzzing has found so far: the target's name, what it was, and the input. Each is read again in every test run. */

export interface Finding {
  readonly target: string;
  readonly was: string;
  /** Hex of octets, or text. */
  readonly input: { readonly hex: string } | { readonly text: string };
}

export const CORPUS: readonly Finding[] = [
  {
    target: 'amqp',
    was: 'a delivery tag beyond 2^53 - 1 came back as 0',
    input: { hex: '0100010000000d003c0050010000000000000400ce' },
  },
];
