/** A wire shape as the domain may hold it: every list and member read-only. */
export type Immutable<T> = T extends (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** Hands a domain value to a route's answer: the compiler checks that it fits the wire shape, nothing is copied. */
export function present<T>(value: Immutable<T>): T {
  return value as T;
}
