export type ParamValue = number | string | boolean | null;
export type Params = Readonly<Record<string, ParamValue>>;

/** A parameter as people write it in JSON or YAML: beside plain values lists and objects, where its rule knows them. */
export type WrittenParam = ParamValue | readonly WrittenParam[] | { readonly [name: string]: WrittenParam };

/** One parameter of a trainer: what it may be, for people and for the check at the border. */
export interface ParamRule {
  /** What is used when it is absent; stated for people, the fit itself applies it. */
  readonly fallback: ParamValue;
  /** Completes "… is not": for example `an integer from 1`. */
  readonly expected: string;
  accepts(value: ParamValue): boolean;
  /** What is wrong inside of a value of the right form, each beginning with its path, as in `svc.c: "x" is not …`. */
  readonly problemsWithin?: (value: ParamValue) => readonly string[];
  /**
   * Of a parameter whose one value may be written as a list or an object: that value as the text in which it travels;
   * undefined for what is not one value, such as a list of lists, which is a grid.
   */
  readonly textOf?: (
    written: readonly WrittenParam[] | { readonly [name: string]: WrittenParam },
  ) => string | undefined;
}
