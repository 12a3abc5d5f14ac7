import { gzipSync } from 'node:zlib';
import { writeThrift } from '../thrift-compact.js';
import { packLevels, widthFor } from './pack-levels.js';
import { CODEC, ENCODING, type EncodedColumn, PAGE, type ParquetColumn } from './parquet-types.js';
import { i32, nested, struct } from './thrift-values.js';

/** A dictionary of texts pays when each occurs this often. */
const MIN_REPEATS = 3;

/** The fastest. Numbers of few digits shrink to a third, in a third of the time that those take which do not shrink. */
const COMPRESSION = { level: 1 } as const;
const SAMPLE_BYTES = 4096;
/** Of its bytes, what a page may keep to be compressed. */
const MAX_KEPT = 0.85;

/** A column as one data page, after its dictionary if it has one. */
export function encodeColumn(column: ParquetColumn): EncodedColumn {
  if (column.kind === 'text') return encodeTexts(column.dictionary, column.codes);
  if (column.kind === 'boolean') return encodeBooleans(column.values);
  return encodeDoubles(column.values);
}

function encodeDoubles(values: Float64Array): EncodedColumn {
  return onePage(values.length, levels(values), bytesOf(present(values)), ENCODING.plain);
}

function encodeBooleans(values: Float64Array): EncodedColumn {
  const given = present(values);
  const packed = new Uint8Array(Math.ceil(given.length / 8));
  given.forEach((value, i) => {
    if (value !== 0) packed[i >> 3] = (packed[i >> 3] as number) | (1 << (i & 7));
  });
  return onePage(values.length, levels(values), packed, ENCODING.plain);
}

function encodeTexts(dictionary: readonly string[], codes: Int32Array): EncodedColumn {
  const given = codes.filter((code) => code >= 0);
  const defined = definition(codes.length, (row) => (codes[row] as number) >= 0, given.length);
  if (dictionary.length * MIN_REPEATS > given.length && dictionary.length > 1) {
    const texts = new TextBytes(given.length * 48);
    for (const code of given) texts.add(dictionary[code] as string);
    return onePage(codes.length, defined, texts.bytes, ENCODING.plain);
  }
  const texts = new TextBytes(dictionary.length * 48);
  for (const text of dictionary) texts.add(text);
  return withDictionary(codes.length, defined, { page: texts.bytes, size: dictionary.length, codes: given });
}

/** Values that are not null. */
function present(values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i += 1)
    if (Number.isNaN(values[i])) return values.filter((value) => !Number.isNaN(value));
  return values;
}

const levels = (values: Float64Array) =>
  definition(values.length, (row) => !Number.isNaN(values[row]), present(values).length);

/** Definition levels: which rows have a value. */
function definition(rows: number, has: (row: number) => boolean, count: number): Uint8Array {
  const packed = packLevels(
    count === rows ? new Uint8Array(rows).fill(1) : Uint8Array.from({ length: rows }, (_, row) => Number(has(row))),
    1,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packed.length);
  return Buffer.concat([length, packed]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) => new Uint8Array(buffer, byteOffset, byteLength);

function onePage(rows: number, defined: Uint8Array, values: Uint8Array, encoding: number): EncodedColumn {
  const body = Buffer.concat([defined, values]);
  // A chunk has one codec, and its dictionary is not worth one.
  const compressed = encoding === ENCODING.plain && shrinks(body);
  const stored = compressed ? gzipSync(body, COMPRESSION) : body;
  const header = writeThrift(
    struct({
      1: i32(PAGE.data),
      2: i32(body.length),
      3: i32(stored.length),
      5: nested({ 1: i32(rows), 2: i32(encoding), 3: i32(ENCODING.rle), 4: i32(ENCODING.rle) }),
    }),
  );
  return {
    pages: [header, stored],
    codec: compressed ? CODEC.gzip : CODEC.none,
    encodings: [encoding, ENCODING.rle],
    dictionaryBytes: 0,
    plainBytes: header.length + body.length,
  };
}

/** Tried on a part: numbers of many digits cost the most and gain nothing. */
function shrinks(body: Uint8Array): boolean {
  const sample = body.subarray(0, SAMPLE_BYTES);
  return gzipSync(sample, COMPRESSION).length < sample.length * MAX_KEPT;
}

function withDictionary(
  rows: number,
  defined: Uint8Array,
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
  const width = widthFor(size - 1);
  const packed = Buffer.concat([
    Uint8Array.of(width),
    codes.length === 0 ? new Uint8Array() : packLevels(codes, width),
  ]);
  const data = onePage(rows, defined, packed, ENCODING.rleDictionary);
  const dictionaryBytes = header.length + page.length;
  return {
    pages: [header, page, ...data.pages],
    codec: CODEC.none,
    encodings: [ENCODING.plain, ...data.encodings],
    dictionaryBytes,
    plainBytes: dictionaryBytes + data.plainBytes,
  };
}

/** Texts one after the other, each after its length. */
class TextBytes {
  #bytes: Buffer;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  add(text: string): void {
    const most = this.#length + 4 + text.length * 3;
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(most * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    const written = this.#bytes.write(text, this.#length + 4, 'utf8');
    this.#bytes.writeUInt32LE(written, this.#length);
    this.#length += 4 + written;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
