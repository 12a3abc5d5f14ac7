export type ParamValue = number | string | boolean | null;
export type Params = Readonly<Record<string, ParamValue>>;

/** One parameter of a trainer: what it may be, for people and for the check at the border. */
export interface ParamRule {
  /** What is used when it is absent; stated for people, the fit itself applies it. */
  readonly fallback: ParamValue;
  /** Completes "… is not": for example `an integer from 1`. */
  readonly expected: string;
  accepts(value: ParamValue): boolean;
}
