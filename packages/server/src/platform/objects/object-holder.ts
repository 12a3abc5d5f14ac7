/**
 * Somebody who may refer to stored bytes. Whoever keeps digests anywhere says so here; what nobody holds may be removed
 * once it is old enough.
 */
export interface ObjectHolder {
  /** Who holds, for the report. */
  readonly name: string;
  /** Every digest that is referred to, among others that are none of ours. */
  held(signal?: AbortSignal): AsyncIterable<string>;
}
