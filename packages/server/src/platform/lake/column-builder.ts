import type { DuckDBType, DuckDBVector } from '@duckdb/node-api';
import { type Column, emptyValidity, markPresent, type Validity } from '@fairlead/frame';
import { lakeErrors } from './lake-errors.js';
import type { Float32Column } from './lake-types.js';
import { type NumberReader, numberReaderOf, type RawVector, validityWords } from './read-vector.js';

/** Gathers the chunks of one result column. */
export interface ColumnBuilder<C = Column> {
  append(vector: DuckDBVector, rows: number): void;
  finish(): C;
}

/** @throws LAKE_UNSUPPORTED_TYPE */
export function columnBuilder(name: string, type: DuckDBType, typeName: string): ColumnBuilder {
  if (typeName === 'VARCHAR') return new TextBuilder();
  if (typeName === 'ENUM') return new EnumBuilder((type as unknown as { values: readonly string[] }).values);
  const reader = numberReaderOf(name, type, typeName);
  if (reader === undefined) {
    throw lakeErrors.LAKE_UNSUPPORTED_TYPE(`Column ${name} has the type ${type.toString()}.`, {
      data: { column: name, type: type.toString() },
    });
  }
  return reader.kind === 'boolean' ? new BooleanBuilder() : new NumberBuilder(reader);
}

/** The validity bits of a growing column; no bitmap while nothing is missing. */
class Presence {
  #validity: Validity | undefined;
  #rows = 0;

  append(vector: DuckDBVector, rows: number): Uint32Array | undefined {
    const words = validityWords(vector);
    if (words !== undefined || this.#validity !== undefined) {
      this.#validity = this.#grown(this.#rows + rows);
      for (let row = 0; row < rows; row++) {
        if (isSet(words, row)) markPresent(this.#validity, this.#rows + row);
      }
    }
    this.#rows += rows;
    return words;
  }

  finish(): { validity?: Validity } {
    return this.#validity === undefined ? {} : { validity: this.#validity.slice(0, (this.#rows + 31) >>> 5) };
  }

  #grown(rows: number): Validity {
    const old = this.#validity;
    if (old !== undefined && old.length * 32 >= rows) return old;
    const grown = emptyValidity(Math.max(rows, 2 * this.#rows));
    if (old !== undefined) grown.set(old);
    else for (let row = 0; row < this.#rows; row++) markPresent(grown, row);
    return grown;
  }
}

function isSet(words: Uint32Array | undefined, row: number): boolean {
  return words === undefined || ((words[row >>> 5] as number) & (1 << (row & 31))) !== 0;
}

class NumberBuilder implements ColumnBuilder {
  readonly #presence = new Presence();
  readonly #reader: NumberReader;
  #values = new Float64Array(2048);
  #rows = 0;

  constructor(reader: NumberReader) {
    this.#reader = reader;
  }

  append(vector: DuckDBVector, rows: number): void {
    if (this.#rows + rows > this.#values.length) this.#values = grow(this.#values, this.#rows + rows, Float64Array);
    const out = this.#values.subarray(this.#rows, this.#rows + rows);
    const words = this.#presence.append(vector, rows);
    this.#reader.read(vector as unknown as RawVector, out);
    if (words !== undefined) for (let row = 0; row < rows; row++) if (!isSet(words, row)) out[row] = 0;
    this.#reader.check(out);
    this.#rows += rows;
  }

  finish(): Column {
    const kind = this.#reader.kind === 'timestamp' ? 'timestamp' : 'float64';
    return { kind, values: this.#values.slice(0, this.#rows), ...this.#presence.finish() };
  }
}

/** Of FLOAT alone: the values are copied whole, chunk by chunk. */
export class Float32Builder implements ColumnBuilder<Float32Column> {
  readonly #presence = new Presence();
  #values = new Float32Array(2048);
  #rows = 0;

  append(vector: DuckDBVector, rows: number): void {
    if (this.#rows + rows > this.#values.length) this.#values = grow(this.#values, this.#rows + rows, Float32Array);
    this.#presence.append(vector, rows);
    const { items } = vector as unknown as { items: Float32Array };
    this.#values.set(items.subarray(0, rows), this.#rows);
    this.#rows += rows;
  }

  finish(): Float32Column {
    return { kind: 'float32', values: this.#values.subarray(0, this.#rows), ...this.#presence.finish() };
  }
}

class BooleanBuilder implements ColumnBuilder {
  readonly #presence = new Presence();
  #values = new Uint8Array(2048);
  #rows = 0;

  append(vector: DuckDBVector, rows: number): void {
    if (this.#rows + rows > this.#values.length) this.#values = grow(this.#values, this.#rows + rows, Uint8Array);
    const words = this.#presence.append(vector, rows);
    const { dataView } = vector as unknown as { dataView: DataView };
    for (let row = 0; row < rows; row++) {
      this.#values[this.#rows + row] = isSet(words, row) && dataView.getUint8(row) !== 0 ? 1 : 0;
    }
    this.#rows += rows;
  }

  finish(): Column {
    return { kind: 'boolean', values: this.#values.slice(0, this.#rows), ...this.#presence.finish() };
  }
}

class TextBuilder implements ColumnBuilder {
  readonly #presence = new Presence();
  readonly #codeOf = new Map<string, number>();
  #codes = new Int32Array(2048);
  #rows = 0;

  append(vector: DuckDBVector, rows: number): void {
    if (this.#rows + rows > this.#codes.length) this.#codes = grow(this.#codes, this.#rows + rows, Int32Array);
    this.#presence.append(vector, rows);
    for (let row = 0; row < rows; row++) {
      const text = vector.getItem(row) as string | null;
      if (text !== null) this.#codes[this.#rows + row] = this.#code(text);
    }
    this.#rows += rows;
  }

  finish(): Column {
    const codes = this.#codes.slice(0, this.#rows);
    return { kind: 'string', codes, dictionary: [...this.#codeOf.keys()], ...this.#presence.finish() };
  }

  #code(text: string): number {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#codeOf.size;
      this.#codeOf.set(text, code);
    }
    return code;
  }
}

/** The dictionary of the type is the dictionary of the column, in its order, unused values included. */
class EnumBuilder implements ColumnBuilder {
  readonly #presence = new Presence();
  readonly #dictionary: readonly string[];
  #codes = new Int32Array(2048);
  #rows = 0;

  constructor(dictionary: readonly string[]) {
    this.#dictionary = dictionary;
  }

  append(vector: DuckDBVector, rows: number): void {
    if (this.#rows + rows > this.#codes.length) this.#codes = grow(this.#codes, this.#rows + rows, Int32Array);
    const words = this.#presence.append(vector, rows);
    const { items } = vector as unknown as { items: Uint8Array | Uint16Array | Uint32Array };
    for (let row = 0; row < rows; row++) {
      this.#codes[this.#rows + row] = isSet(words, row) ? (items[row] as number) : 0;
    }
    this.#rows += rows;
  }

  finish(): Column {
    const codes = this.#codes.slice(0, this.#rows);
    return { kind: 'string', codes, dictionary: this.#dictionary, ...this.#presence.finish() };
  }
}

type Growable =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>;

function grow<A extends Growable>(old: A, rows: number, Kind: { new (length: number): A }): A {
  const grown = new Kind(Math.max(rows, 2 * old.length));
  grown.set(old as never);
  return grown;
}
