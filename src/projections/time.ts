/** Virtual time as people read it. Whole numbers throughout: a division would round what the journal keeps exact. */

import type { Nanos } from '../kernel/journal.ts';

const SECOND = 1_000_000_000;

/** `1.255000` for six digits (0..9); what lies behind them is cut off, not rounded, so that order shows. */
export function seconds(atNs: Nanos, digits = 6): string {
  const whole = Math.floor(atNs / SECOND);
  const fraction = String(atNs % SECOND).padStart(9, '0');
  return digits === 0 ? String(whole) : `${whole}.${fraction.slice(0, digits)}`;
}

/** A duration in its natural unit without trailing zeros: `20 ms`, `1.5 s`, `51.2 µs`, `672 ns`. */
export function duration(lengthNs: Nanos): string {
  const units: readonly (readonly [number, string])[] = [
    [SECOND, 's'],
    [1_000_000, 'ms'],
    [1000, 'µs'],
  ];
  for (const [unit, name] of units) {
    if (lengthNs >= unit) return `${decimal(lengthNs, unit)} ${name}`;
  }
  return lengthNs === 0 ? '0 s' : `${lengthNs} ns`;
}

function decimal(value: number, unit: number): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  const whole = String(Math.floor(value / unit));
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
