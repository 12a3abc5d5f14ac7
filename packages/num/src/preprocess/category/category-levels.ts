import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { readNumbers } from '../numeric/read-numbers.js';
import type { CategorySpec } from '../preprocess-spec.js';
import type { RawInput } from '../preprocess-types.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';
import { portableText } from '../text/portable-text.js';

/** The categories of one column and the code of each. Codes are 0..count−1; `count` stands for what was never seen. */
export interface CategoryLevels {
  readonly column: string;
  readonly kind: 'string' | 'float64' | 'boolean';
  /** For people, by code. */
  readonly names: readonly string[];
  readonly count: number;
  /** Every value seen in training, ascending; '' or NaN stands for missing. Rare ones share the code `infrequent`. */
  readonly keys: readonly string[] | Float32Array;
  readonly codes: Int32Array;
  /** Code of a missing cell; `count` when training had none. */
  readonly missing: number;
  /** Code of the category that gathers the rare ones; −1 when there is none. */
  readonly infrequent: number;
}

type Grouping = Pick<CategorySpec, 'maxCategories' | 'minFrequency'>;

/** Counts the categories of training rows and gathers rare ones. @throws NUM_COLUMN, NUM_TOO_FEW for an empty column */
export function learnLevels(table: TableView, name: string, grouping: Grouping): CategoryLevels {
  const { kind } = requireColumn(table, name, ['string', 'float64', 'boolean']);
  const counts = kind === 'string' ? countTexts(table, name) : countNumbers(table, { name, column: kind });
  const seen = [...counts.keys()];
  if (seen.length === 0) throw numErrors.NUM_TOO_FEW(`Column ${name} has no rows.`, { data: { column: name } });
  const keys = kind === 'string' ? (seen as string[]).sort(byCodeUnit) : Float32Array.from(seen as number[]).sort();
  const rare = rareKeys(Array.from(keys as ArrayLike<string | number>), counts, { ...grouping, rows: table.rowCount });
  const names: string[] = [];
  const codes = Int32Array.from({ length: keys.length }, (_, i) => {
    if (rare.has(keys[i])) return -1;
    names.push(nameOf(keys[i]));
    return names.length - 1;
  });
  const infrequent = rare.size > 0 ? names.length : -1;
  if (rare.size > 0) names.push('(infrequent)');
  for (let i = 0; i < codes.length; i++) if (codes[i] < 0) codes[i] = infrequent;
  const at = Array.from(keys as ArrayLike<string | number>).findIndex((key) => key === '' || Number.isNaN(key));
  const missing = at < 0 ? names.length : codes[at];
  return { column: name, kind, names, count: names.length, keys, codes, missing, infrequent };
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : 1);
const nameOf = (key: string | number) => (key === '' || Number.isNaN(key) ? '(missing)' : String(key));

function countTexts(table: TableView, name: string): Map<string, number> {
  const { codes, dictionary, validity } = requireColumn(table, name, ['string']);
  const perEntry = new Float64Array(dictionary.length);
  let missing = 0;
  for (let row = 0; row < table.rowCount; row++) {
    if (isMissing(validity, row)) missing++;
    else perEntry[codes[row]]++;
  }
  const counts = new Map<string, number>();
  const add = (key: string, count: number) => count > 0 && counts.set(key, (counts.get(key) ?? 0) + count);
  dictionary.forEach((text, entry) => {
    add(portableText(text), perEntry[entry]);
  });
  add('', missing);
  return counts;
}

function countNumbers(table: TableView, column: { name: string; column: 'float64' | 'boolean' }): Map<number, number> {
  const values = new Float32Array(table.rowCount);
  readNumbers(table, column, values);
  const counts = new Map<number, number>();
  for (let row = 0; row < values.length; row++) {
    const key = values[row] + 0;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** What is rarer than minFrequency, then the rarest beyond maxCategories; of equal counts the later key goes first. */
function rareKeys<K>(keys: readonly K[], counts: ReadonlyMap<K, number>, options: Grouping & { rows: number }): Set<K> {
  const { maxCategories = Number.POSITIVE_INFINITY, minFrequency = 0, rows } = options;
  const least = minFrequency < 1 ? minFrequency * rows : minFrequency;
  const count = (key: K) => counts.get(key) ?? 0;
  const rare = new Set(keys.filter((key) => count(key) < least));
  const kept = keys.filter((key) => !rare.has(key));
  const surplus = kept.length + Number(rare.size > 0) - maxCategories;
  if (surplus <= 0) return rare;
  const room = Math.max(maxCategories - 1, 0);
  const order = kept.map((key, i) => ({ key, i })).sort((a, b) => count(b.key) - count(a.key) || a.i - b.i);
  for (const { key } of order.slice(room)) rare.add(key);
  return rare;
}

export function levelsInput({ column, kind, missing, count, keys }: CategoryLevels): RawInput {
  const known = missing < count ? 'category' : 'zeros';
  if (kind !== 'string') return { name: column, type: 'float', column: kind, missing: known };
  return { name: column, type: 'string', column: kind, missing: known, categories: keys as readonly string[] };
}

/** The code of every row: one look-up per dictionary entry, not per row. */
export function codesOf(table: TableView, levels: CategoryLevels): Int32Array {
  const out = new Int32Array(table.rowCount);
  if (levels.kind !== 'string') {
    numberCodes(table, { ...levels, kind: levels.kind }, out);
    return out;
  }
  const { codes, dictionary, validity } = requireColumn(table, levels.column, ['string']);
  const codeOf = new Map((levels.keys as readonly string[]).map((key, i) => [key, levels.codes[i]]));
  codeOf.set('', levels.missing);
  const entryCodes = Int32Array.from(dictionary, (text) => codeOf.get(portableText(text)) ?? levels.count);
  for (let row = 0; row < out.length; row++) out[row] = entryCodes[codes[row]];
  if (validity) for (let row = 0; row < out.length; row++) if (isMissing(validity, row)) out[row] = levels.missing;
  return out;
}

function numberCodes(
  table: TableView,
  levels: CategoryLevels & { readonly kind: 'float64' | 'boolean' },
  out: Int32Array,
): void {
  const values = new Float32Array(out.length);
  readNumbers(table, { name: levels.column, column: levels.kind }, values);
  const codeOf = new Map(Array.from(levels.keys as Float32Array, (key, i) => [key, levels.codes[i]]));
  for (let row = 0; row < out.length; row++) {
    const value = values[row];
    out[row] = Number.isNaN(value) ? levels.missing : (codeOf.get(value) ?? levels.count);
  }
}

/** Codes as int64 [N, 1]. `mapped` replaces each code 0..count by another number. */
export function writeCodes(graph: OnnxGraph, levels: CategoryLevels, mapped = (code: number) => code): string {
  const unknown = { int: mapped(levels.count) };
  if (levels.kind === 'string') {
    const keys = [...(levels.keys as readonly string[])];
    const codes = Array.from(levels.codes, mapped);
    if (!keys.includes('')) {
      keys.push('');
      codes.push(mapped(levels.missing));
    }
    const attributes = { keys_strings: { strings: keys }, values_int64s: { ints: codes }, default_int64: unknown };
    return graph.node({ op: 'LabelEncoder', ml: true, inputs: [levels.column], attributes });
  }
  const known = Array.from(levels.keys as Float32Array, (key, i) => ({ key, code: mapped(levels.codes[i]) })).filter(
    ({ key }) => !Number.isNaN(key),
  );
  // A column without any value has one category; its table of keys may not be empty.
  const floats = known.length > 0 ? Float32Array.from(known, ({ key }) => key) : Float32Array.of(0);
  const codes = known.length > 0 ? known.map(({ code }) => code) : [mapped(levels.count)];
  const attributes = { keys_floats: { floats }, values_int64s: { ints: codes }, default_int64: unknown };
  const encoded = graph.node({ op: 'LabelEncoder', ml: true, inputs: [levels.column], attributes });
  const missing = graph.node({ op: 'IsNaN', inputs: [levels.column] });
  const ofMissing = graph.constant(BigInt64Array.of(BigInt(mapped(levels.missing))), [1, 1]);
  return graph.node({ op: 'Where', inputs: [missing, ofMissing, encoded] });
}
