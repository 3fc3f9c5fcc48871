/** What a figure is to reach, said beside it whether it does or not. */

export interface Goal {
  readonly what: string;
  readonly figure: number;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly isMet: boolean;
}

export function goal(what: string, figure: number, bound: Goal['bound'], limit: number): Goal {
  return { what, figure, bound, limit, isMet: bound === 'at least' ? figure >= limit : figure <= limit };
}

export function goalText({ what, figure, bound, limit, isMet }: Goal): string {
  const digits = figure >= 100 || Number.isInteger(figure) ? 0 : figure < 1 ? 3 : 2;
  return `${isMet ? 'met    ' : 'NOT MET'}  ${what}: ${figure.toFixed(digits)}, ${bound} ${limit}`;
}

export function tellGoals(goals: readonly Goal[]): void {
  for (const each of goals) process.stdout.write(`${goalText(each)}\n`);
}
