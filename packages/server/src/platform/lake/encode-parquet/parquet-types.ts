/** A column of a Parquet file. NaN is null, as is a code of -1. */
export type ParquetColumn =
  | { readonly kind: 'double' | 'boolean'; readonly values: Float64Array }
  | {
      readonly kind: 'text';
      readonly dictionary: readonly string[];
      /** Per row a place in the dictionary. */
      readonly codes: Int32Array;
    };

/** Numbers of parquet.thrift (apache/parquet-format 2.11). */
export const PHYSICAL = { boolean: 0, double: 5, text: 6 } as const;
export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
export const CODEC = { none: 0, gzip: 2 } as const;
export const PAGE = { data: 0, dictionary: 2 } as const;

/** A column as pages. */
export interface EncodedColumn {
  readonly pages: readonly Uint8Array[];
  readonly codec: (typeof CODEC)[keyof typeof CODEC];
  readonly encodings: readonly number[];
  /** Bytes of the dictionary page, 0 without one; it is the first. */
  readonly dictionaryBytes: number;
  /** Of all pages with their headers, before compression. */
  readonly plainBytes: number;
}
