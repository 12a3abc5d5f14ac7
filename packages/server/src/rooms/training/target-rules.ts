import { type Column, countMissing, isPresent, type StringColumn } from '@fairlead/frame';
import { trainingErrors } from './training-errors.js';

/** The target as class codes 0..labels.length − 1, one per row. */
export interface EncodedTarget {
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

/**
 * Codes of a target column. A boolean gives ["false", "true"] or the two given names in that order; text gives its values
 * sorted, or in the order of the given names.
 *
 * @throws TRN_TARGET_KIND, TRN_TARGET_MISSING, TRN_ONE_CLASS, TRN_LABELS_INVALID
 */
export function encodeTarget(name: string, column: Column, given?: readonly string[]): EncodedTarget {
  if (column.kind !== 'boolean' && column.kind !== 'string') {
    throw trainingErrors.TRN_TARGET_KIND(`The target ${name} is ${column.kind}, but must be boolean or text.`, {
      data: { target: name, kind: column.kind },
    });
  }
  const rowCount = column.kind === 'boolean' ? column.values.length : column.codes.length;
  const missing = countMissing(column.validity, rowCount);
  if (missing > 0) {
    throw trainingErrors.TRN_TARGET_MISSING(`${missing} of ${rowCount} rows have no ${name}.`, {
      data: { target: name, missing, rows: rowCount },
    });
  }
  if (given !== undefined && new Set(given).size !== given.length) {
    throw trainingErrors.TRN_LABELS_INVALID(`The labels ${given.join(', ')} repeat a name.`, { data: { given } });
  }
  const encoded = column.kind === 'boolean' ? encodeBoolean(name, column.values, given) : encodeText(column, given);
  const counts = new Float64Array(encoded.labels.length);
  for (const code of encoded.codes) counts[code] = (counts[code] as number) + 1;
  const present = encoded.labels.filter((_, code) => (counts[code] as number) > 0);
  if (present.length < 2) {
    throw trainingErrors.TRN_ONE_CLASS(`Every row has ${name} = ${present[0] ?? 'nothing'}.`, {
      data: { target: name, rows: rowCount, label: present[0] ?? null },
    });
  }
  if (present.length < encoded.labels.length) {
    const absent = encoded.labels.filter((label) => !present.includes(label));
    throw trainingErrors.TRN_LABELS_INVALID(`No training row has ${name} = ${absent.join(' or ')}.`, {
      data: { target: name, absent },
    });
  }
  return encoded;
}

function encodeBoolean(name: string, values: Uint8Array, given: readonly string[] | undefined): EncodedTarget {
  if (given !== undefined && given.length !== 2) {
    throw trainingErrors.TRN_LABELS_INVALID(`${name} is boolean and takes 2 label names, not ${given.length}.`, {
      data: { target: name, given },
    });
  }
  return { codes: Int32Array.from(values), labels: given ?? ['false', 'true'] };
}

function encodeText(column: StringColumn, given: readonly string[] | undefined): EncodedTarget {
  const used = new Set<string>();
  for (let row = 0; row < column.codes.length; row += 1) {
    if (isPresent(column.validity, row)) used.add(column.dictionary[column.codes[row] as number] as string);
  }
  const labels = given ?? [...used].sort();
  const unknown = [...used].filter((value) => !labels.includes(value));
  if (unknown.length > 0) {
    const shown = unknown.sort().slice(0, 10).join(', ');
    throw trainingErrors.TRN_LABELS_INVALID(`The target also has the values ${shown}.`, { data: { given, unknown } });
  }
  const codeOf = Int32Array.from(column.dictionary, (value) => labels.indexOf(value));
  return { codes: column.codes.map((code) => codeOf[code] as number), labels };
}
