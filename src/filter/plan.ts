/** A filter whose names are resolved and whose types agree: what `evaluate.ts` makes functions of. */

import type { FieldKind, FieldValue } from '../layers/field.ts';
import type { Pattern } from './pattern.ts';
import type { ArithmeticOperator, Range } from './syntax.ts';
import type { ExtraName } from './vocabulary.ts';

/** `protocol`: the octets that a protocol spans. */
export type ValueType = FieldKind | 'protocol';
export type Order = '==' | '!=' | '>' | '<' | '>=' | '<=';

export type Plan =
  | { readonly kind: 'and' | 'or' | 'xor'; readonly parts: readonly Plan[] }
  | { readonly kind: 'not'; readonly test: Plan }
  | { readonly kind: 'present'; readonly value: Source }
  /** Any of the values has a bit set. */
  | { readonly kind: 'nonzero'; readonly value: Source }
  | {
      readonly kind: 'compare';
      readonly all: boolean;
      readonly order: Order;
      readonly left: Source;
      readonly right: Operand;
    }
  | {
      readonly kind: 'between';
      readonly all: boolean;
      readonly value: Source;
      readonly low: Operand;
      readonly high: Operand;
    }
  | { readonly kind: 'contains'; readonly all: boolean; readonly left: Source; readonly right: Source }
  | { readonly kind: 'matches'; readonly all: boolean; readonly value: Source; readonly pattern: Pattern };

export type FunctionName = 'upper' | 'lower' | 'len' | 'count' | 'string' | 'max' | 'min' | 'abs';

/** What yields values of one type for a frame: none, one or several. */
export type Source =
  | {
      readonly kind: 'field';
      readonly type: ValueType;
      readonly name: string;
      /** The protocol whose layers hold it; null: all are searched. */
      readonly holder: string | null;
      readonly layers: readonly Range[] | null;
    }
  | {
      readonly kind: 'protocol';
      readonly type: 'protocol';
      readonly name: string;
      /** Header and data, whatever the protocol; else what the protocol's name means in Wireshark. */
      readonly whole: boolean;
      readonly layers: readonly Range[] | null;
    }
  | { readonly kind: 'extra'; readonly type: ValueType; readonly name: ExtraName }
  | { readonly kind: 'slice'; readonly type: 'bytes'; readonly of: Source; readonly ranges: readonly Range[] }
  /** Values of another type as the octets they consist of. */
  | { readonly kind: 'octets'; readonly type: 'bytes'; readonly of: Source }
  | {
      readonly kind: 'arithmetic';
      readonly type: ValueType;
      readonly operator: ArithmeticOperator;
      readonly left: Source;
      readonly right: Source;
    }
  | { readonly kind: 'negative'; readonly type: ValueType; readonly of: Source }
  | {
      readonly kind: 'call';
      readonly type: ValueType;
      readonly name: FunctionName;
      readonly arguments: readonly Source[];
    }
  | Constant;

export interface Constant {
  readonly kind: 'constant';
  readonly type: ValueType;
  readonly value: FieldValue;
}

/** The right side of a comparison. */
export type Operand =
  | Source
  /** All addresses whose bits under the mask are those of `network`. */
  | { readonly kind: 'network'; readonly type: 'ipv4'; readonly network: number; readonly mask: number }
  | { readonly kind: 'network'; readonly type: 'ipv6'; readonly network: bigint; readonly mask: bigint }
  /** The addresses of a node: equal is who equals one of them. Only for == and !=. */
  | {
      readonly kind: 'choice';
      readonly type: ValueType;
      readonly name: string;
      readonly values: readonly FieldValue[];
      /** Further addresses, which the node gets while the run goes on. */
      readonly lent: (() => readonly FieldValue[]) | null;
    };
