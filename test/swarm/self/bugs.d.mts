export declare const BUGS: readonly {
  readonly name: string;
  readonly file: string;
  readonly replace: readonly (readonly [text: string, other: string])[];
}[];
