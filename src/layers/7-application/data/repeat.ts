import type { Context } from '../../../kernel/context.ts';

/** Runs something `times` times, the first one now and the others `everyNs` apart; `repetition` counts from 1. */
export function repeat(context: Context, times: number, everyNs: number, run: (repetition: number) => void): void {
  const from = (repetition: number) => {
    let next = repetition;
    do run(next++);
    while (next <= times && everyNs === 0);
    if (next <= times) context.after(everyNs, () => from(next));
  };
  if (times >= 1) from(1);
}
