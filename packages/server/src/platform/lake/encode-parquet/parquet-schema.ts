import type { ThriftValue } from '../thrift-compact.js';
import { CONVERTED, type ParquetColumn, PHYSICAL, REPETITION, VALUE_TYPES } from './parquet-types.js';
import { i32, nested, text } from './thrift-values.js';

/** The SchemaElements of a column: one, or a list's group, its repeated group and its element. */
export function schemaOf(name: string, column: ParquetColumn): ThriftValue[] {
  if (!isList(column)) return [valueElement(name, column)];
  return [
    nested({ 3: i32(REPETITION.optional), 4: text(name), 5: i32(1), 6: i32(CONVERTED.list) }),
    nested({ 3: i32(REPETITION.repeated), 4: text('list'), 5: i32(1) }),
    valueElement('element', column),
  ];
}

/** Where the values of a column are in the schema. */
export const elementPath = (name: string, column: ParquetColumn): string[] =>
  isList(column) ? [name, 'list', 'element'] : [name];

const isList = (column: ParquetColumn) => 'width' in column && column.width !== undefined;

function valueElement(name: string, column: ParquetColumn): ThriftValue {
  const { physical, converted } = storageOf(column);
  return nested({
    1: i32(physical),
    3: i32(REPETITION.optional),
    4: text(name),
    ...(converted !== undefined && { 6: i32(converted) }),
  });
}

function storageOf(column: ParquetColumn): { readonly physical: number; readonly converted?: number } {
  if (column.kind === 'typed') return VALUE_TYPES[column.type];
  return { physical: PHYSICAL[column.kind], ...(column.kind === 'text' && { converted: CONVERTED.utf8 }) };
}
