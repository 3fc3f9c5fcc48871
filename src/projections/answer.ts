/** Whether what somebody answered is what the run says. */

import type { QuestionView } from './lesson.ts';

/** The words of the choice or its number from 1; what is written is compared without case, and numbers as numbers. */
export function isRight({ choices, answer, correct }: QuestionView, given: string): boolean {
  const said = plainOf(given);
  if (said === plainOf(answer)) return true;
  if (choices.length > 0) return !choices.some((choice) => plainOf(choice) === said) && said === String(correct + 1);
  const [one, other] = [numberOf(said), numberOf(plainOf(answer))];
  if (one === null || other === null || one.number !== other.number) return false;
  return one.unit === '' || one.unit === other.unit;
}

function plainOf(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function numberOf(text: string): { readonly number: number; readonly unit: string } | null {
  const [, digits, unit = ''] = /^(-?\d+(?:\.\d+)?)\s*([a-z%]*)$/.exec(text) ?? [];
  return digits === undefined ? null : { number: Number(digits), unit };
}
