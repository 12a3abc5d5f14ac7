import { writeThrift } from '../thrift-compact.js';
import { flatLevels, type Levels, listLevels } from './column-levels.js';
import { compressPage } from './compress-page.js';
import { packLevels, widthFor } from './pack-levels.js';
import {
  CODEC,
  ENCODING,
  type EncodedColumn,
  type Lists,
  PAGE,
  type ParquetColumn,
  type TextColumn,
  type TypedColumn,
  type TypedValues,
} from './parquet-types.js';
import { TextBytes } from './text-bytes.js';
import { i32, nested, struct } from './thrift-values.js';

/** A dictionary of texts pays when each occurs this often. */
const MIN_REPEATS = 3;

/** A column as one data page, after its dictionary if it has one. */
export function encodeColumn(column: ParquetColumn): EncodedColumn {
  switch (column.kind) {
    case 'text':
      return encodeTexts(column);
    case 'typed':
      return encodeTyped(column);
    case 'boolean':
      return encodeNumbers(column.values, packBits);
    case 'double':
      return encodeNumbers(column.values, bytesOf);
  }
}

function encodeNumbers(values: Float64Array, pack: (given: Float64Array) => Uint8Array): EncodedColumn {
  const { present, count } = presenceOf(values);
  if (count === values.length) return onePage(flatLevels(values.length, null), pack(values), ENCODING.plain);
  const given = new Float64Array(count);
  for (let i = 0, at = 0; i < values.length; i += 1) if (present[i] === 1) given[at++] = values[i] as number;
  return onePage(flatLevels(values.length, present), pack(given), ENCODING.plain);
}

/** Which values are no NaN, per value 0 or 1. */
function presenceOf(values: Float64Array): { present: Uint8Array; count: number } {
  const present = new Uint8Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    present[i] = 1;
    count += 1;
  }
  return { present, count };
}

function encodeTyped({ type, values, ...lists }: TypedColumn): EncodedColumn {
  const { levels, given } = withoutNulls(values, lists);
  return onePage(levels, type === 'bool' ? packBits(given) : bytesOf(widened(given)), ENCODING.plain);
}

function encodeTexts({ dictionary, codes, ...lists }: TextColumn): EncodedColumn {
  const nulls = lists.width === undefined && lists.present === undefined && codes.some((code) => code < 0);
  const present = nulls ? Uint8Array.from(codes, (code) => Number(code >= 0)) : undefined;
  const { levels, given } = withoutNulls(codes, present === undefined ? lists : { present });
  const used = inOrderOfUse(given, dictionary.length);
  if (used.places.length * MIN_REPEATS > given.length && used.places.length > 1) {
    const texts = new TextBytes(given.length * 48);
    for (const code of given) texts.add(dictionary[code] as string);
    return onePage(levels, texts.bytes, ENCODING.plain);
  }
  const texts = new TextBytes(used.places.length * 48);
  for (const place of used.places) texts.add(dictionary[place] as string);
  return withDictionary(levels, { page: texts.bytes, size: used.places.length, codes: used.codes });
}

/** The same texts by another dictionary: only those that occur, in the order in which they do first. */
function inOrderOfUse(codes: Int32Array, size: number): { places: number[]; codes: Int32Array } {
  const places: number[] = [];
  const renamed = new Int32Array(size).fill(-1);
  const out = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) {
    const place = codes[i] as number;
    if (renamed[place] === -1) renamed[place] = places.push(place) - 1;
    out[i] = renamed[place] as number;
  }
  return { places, codes: out };
}

/** The levels of a column and the values of its rows that are no nulls. */
function withoutNulls<A extends TypedValues>(values: A, { width, present }: Lists): { levels: Levels; given: A } {
  const each = width ?? 1;
  const rows = values.length / each;
  const absent = present?.includes(0) === true ? present : null;
  const levels = width === undefined ? flatLevels(rows, absent) : listLevels(rows, width, absent);
  if (absent === null) return { levels, given: values };
  const given = values.slice() as A;
  let end = 0;
  for (let row = 0; row < rows; row += 1) {
    if (absent[row] === 0) continue;
    given.set(values.subarray(row * each, (row + 1) * each) as never, end);
    end += each;
  }
  return { levels, given: given.subarray(0, end) as A };
}

/** Parquet has no integers of fewer than 32 bits. */
function widened(values: TypedValues): TypedValues {
  if (values.BYTES_PER_ELEMENT >= 4) return values;
  return Int32Array.from(values as Int8Array);
}

function packBits(values: ArrayLike<unknown>): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] !== 0) packed[i >> 3] = (packed[i >> 3] as number) | (1 << (i & 7));
  }
  return packed;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

function onePage({ bytes, cells }: Levels, values: Uint8Array, encoding: number): EncodedColumn {
  const body = Buffer.concat([bytes, values]);
  // A chunk has one codec, and its dictionary is not worth one.
  const compressed = encoding === ENCODING.plain ? compressPage(body) : null;
  const stored = compressed ?? body;
  const header = writeThrift(
    struct({
      1: i32(PAGE.data),
      2: i32(body.length),
      3: i32(stored.length),
      5: nested({ 1: i32(cells), 2: i32(encoding), 3: i32(ENCODING.rle), 4: i32(ENCODING.rle) }),
    }),
  );
  return {
    pages: [header, stored],
    codec: compressed === null ? CODEC.none : CODEC.snappy,
    encodings: [encoding, ENCODING.rle],
    dictionaryBytes: 0,
    plainBytes: header.length + body.length,
    cells,
  };
}

function withDictionary(
  levels: Levels,
  { page, size, codes }: { page: Uint8Array; size: number; codes: Int32Array },
): EncodedColumn {
  const header = writeThrift(
    struct({
      1: i32(PAGE.dictionary),
      2: i32(page.length),
      3: i32(page.length),
      7: nested({ 1: i32(size), 2: i32(ENCODING.plain) }),
    }),
  );
  const width = widthFor(Math.max(0, size - 1));
  const packed = Buffer.concat([
    Uint8Array.of(width),
    codes.length === 0 ? new Uint8Array() : packLevels(codes, width),
  ]);
  const data = onePage(levels, packed, ENCODING.rleDictionary);
  const dictionaryBytes = header.length + page.length;
  return {
    pages: [header, page, ...data.pages],
    codec: CODEC.none,
    encodings: [ENCODING.plain, ...data.encodings],
    dictionaryBytes,
    plainBytes: dictionaryBytes + data.plainBytes,
    cells: data.cells,
  };
}
