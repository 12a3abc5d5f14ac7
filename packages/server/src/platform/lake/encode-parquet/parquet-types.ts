/** A column of a Parquet file. */
export type ParquetColumn = NumberColumn | TextColumn | TypedColumn;

/** NaN is null. */
export interface NumberColumn {
  readonly kind: 'double' | 'boolean';
  readonly values: Float64Array;
}

/** A code of -1 is null. */
export interface TextColumn extends Lists {
  readonly kind: 'text';
  readonly dictionary: readonly string[];
  /** Per value a place in the dictionary. */
  readonly codes: Int32Array;
}

/** Numbers as they lie in memory: NaN is a value. */
export interface TypedColumn extends Lists {
  readonly kind: 'typed';
  readonly type: ValueType;
  /** Of the array that `type` has, see {@link VALUE_TYPES}; a bool is a byte. */
  readonly values: TypedValues;
}

export interface Lists {
  /** Values per row; given, each row is a list of so many. */
  readonly width?: number;
  /** Per row 0 or 1; where it is 0 the row is null, whatever its values. Absent: no row is. */
  readonly present?: Uint8Array;
}

export type TypedValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Numbers of parquet.thrift (apache/parquet-format 2.11). */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, text: 6 } as const;
export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
export const CODEC = { none: 0, snappy: 1 } as const;
export const PAGE = { data: 0, dictionary: 2 } as const;
export const REPETITION = { optional: 1, repeated: 2 } as const;
/** ConvertedType of texts and lists. */
export const CONVERTED = { utf8: 0, list: 3 } as const;

/** How each type is stored: the physical type, and the ConvertedType where that does not say everything. */
export const VALUE_TYPES = {
  bool: { physical: PHYSICAL.boolean },
  float: { physical: PHYSICAL.float },
  double: { physical: PHYSICAL.double },
  uint8: { physical: PHYSICAL.int32, converted: 11 },
  uint16: { physical: PHYSICAL.int32, converted: 12 },
  uint32: { physical: PHYSICAL.int32, converted: 13 },
  uint64: { physical: PHYSICAL.int64, converted: 14 },
  int8: { physical: PHYSICAL.int32, converted: 15 },
  int16: { physical: PHYSICAL.int32, converted: 16 },
  int32: { physical: PHYSICAL.int32, converted: 17 },
  int64: { physical: PHYSICAL.int64, converted: 18 },
} as const satisfies Record<string, { physical: number; converted?: number }>;
export type ValueType = keyof typeof VALUE_TYPES;

/** A column as pages. */
export interface EncodedColumn {
  readonly pages: readonly Uint8Array[];
  readonly codec: (typeof CODEC)[keyof typeof CODEC];
  readonly encodings: readonly number[];
  /** Bytes of the dictionary page, 0 without one; it is the first. */
  readonly dictionaryBytes: number;
  /** Of all pages with their headers, before compression. */
  readonly plainBytes: number;
  /** Cells of all pages, nulls included; a list has one per element. */
  readonly cells: number;
}
