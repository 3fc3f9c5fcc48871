/**
 * Makes a function of a plan, once; asking it about a frame then allocates next to nothing. Values are not collected:
 * each is shown to a visitor as it is found, and the visitor says when it has seen enough.
 */

import { hasBits } from './arithmetic.ts';
import type { FilterFrame } from './frame.ts';
import { type Predicate, predicateOf, relationOf } from './order.ts';
import type { Pattern } from './pattern.ts';
import type { Operand, Plan, Source, ValueType } from './plan.ts';
import { searcherOf } from './search.ts';
import { type Each, eachOf, type Outcome } from './values.ts';

export type FrameTest = (frame: FilterFrame) => boolean;

export function evaluatorOf(plan: Plan): FrameTest {
  switch (plan.kind) {
    case 'and':
      return untilOne(false, plan.parts.map(evaluatorOf));
    case 'or':
      return untilOne(true, plan.parts.map(evaluatorOf));
    case 'xor': {
      const parts = plan.parts.map(evaluatorOf);
      return (frame) => parts.reduce((odd, part) => odd !== part(frame), false);
    }
    case 'not': {
      const test = evaluatorOf(plan.test);
      return (frame) => !test(frame);
    }
    case 'present':
      return anyOf(eachOf(plan.value), plan.value.kind === 'slice' ? isSomething : () => true);
    case 'nonzero':
      return anyOf(eachOf(plan.value), hasBits);
    case 'compare':
      return quantified(plan.all, plan.left, comparison(plan.order, plan.all, plan.left.type, plan.right));
    case 'between':
      return betweenTest(plan);
    case 'contains':
      return quantified(plan.all, plan.left, containment(plan));
    case 'matches':
      return quantified(plan.all, plan.value, matching(plan.value.type, plan.pattern));
  }
}

/** Asks one part after the other until one answers `decisive`. */
function untilOne(decisive: boolean, parts: readonly FrameTest[]): FrameTest {
  return (frame) => {
    for (let index = 0; index < parts.length; index++) {
      if ((parts[index] as FrameTest)(frame) === decisive) return decisive;
    }
    return !decisive;
  };
}

const ABSENT: Outcome = 'absent';
const STOPPED: Outcome = 'stopped';

const isSomething: Predicate = (octets) => (octets as Uint8Array).length > 0;
const NEVER: Predicate = () => false;

function anyOf(each: Each, predicate: Predicate): FrameTest {
  return (frame) => each(frame, predicate) === STOPPED;
}

/** A question about one value, which may need the frame for what stands at the other side. */
interface Question {
  readonly passes: Predicate;
  /** Shows the frame to the other side; false: there is nothing to compare with, and the test fails. */
  readonly prepare?: (frame: FilterFrame) => boolean;
}

/** One value must pass, or all of them; where there is none, the test fails. */
function quantified(all: boolean, source: Source, { passes, prepare }: Question): FrameTest {
  const each = eachOf(source);
  const fails: Predicate = (value) => !passes(value);
  const test: FrameTest = all
    ? (frame) => {
        const outcome = each(frame, fails);
        return outcome !== STOPPED && outcome !== ABSENT;
      }
    : anyOf(each, passes);
  return prepare ? (frame) => prepare(frame) && test(frame) : test;
}

function comparison(order: Parameters<typeof relationOf>[0], all: boolean, type: ValueType, right: Operand): Question {
  const predicate = predicateOf(order, type, all, right);
  if (predicate) return { passes: predicate };
  return againstSource(all, right as Source, relationOf(order, type, all));
}

/** Each value at the left is compared with each at the right. */
function againstSource(all: boolean, right: Source, relation: ReturnType<typeof relationOf>): Question {
  const each = eachOf(right);
  let current: FilterFrame | null = null;
  let left: Parameters<Predicate>[0] = null;
  const stops: Predicate = all ? (value) => !relation(left, value) : (value) => relation(left, value);
  return {
    prepare(frame) {
      current = frame;
      return each(frame, () => true) === STOPPED;
    },
    passes(value) {
      left = value;
      return (each(current as FilterFrame, stops) === STOPPED) !== all;
    },
  };
}

function betweenTest({ all, value, low, high }: Extract<Plan, { kind: 'between' }>): FrameTest {
  const above = comparison('>=', all, value.type, low);
  const below = comparison('<=', all, value.type, high);
  const passes: Predicate = (it) => above.passes(it) && below.passes(it);
  if (!above.prepare && !below.prepare) return quantified(all, value, { passes });
  const prepare = (frame: FilterFrame) => (above.prepare?.(frame) ?? true) && (below.prepare?.(frame) ?? true);
  return quantified(all, value, { passes, prepare });
}

function containment({ all, left, right }: Extract<Plan, { kind: 'contains' }>): Question {
  const searcher = searcherOf(left.type === 'string' ? 'string' : 'bytes');
  if (right.kind === 'constant') {
    // Wireshark looks into a protocol in another way than into octets, and finds an empty text nowhere.
    const isNowhere = left.kind === 'protocol' && (right.value as Uint8Array).length === 0;
    return { passes: isNowhere ? NEVER : searcher.forNeedle(right.value) };
  }
  return againstSource(all, right, searcher.contains);
}

/** Patterns see octets; of a string, its UTF-8. Where there are no octets, Wireshark does not look at all. */
function matching(type: ValueType, pattern: Pattern): Question {
  if (type !== 'string') {
    return { passes: (value) => (value as Uint8Array).length > 0 && pattern.test(value as Uint8Array) };
  }
  const encoder = new TextEncoder();
  return { passes: (value) => pattern.test(encoder.encode(value as string)) };
}
