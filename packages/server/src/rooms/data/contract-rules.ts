import { isName } from '@fairlead/kernel';
import type { CheckSpec, ColumnSpec, DatasetSpec, LabelSpec, SourceFormat } from './data-types.js';

export const DEFAULT_MAX_REJECTED_RATIO = 0.05;

/** What a delivery is judged by: the declaration with the columns it stands for, whoever wrote them. */
export interface EffectiveContract {
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  readonly where: string | null;
  readonly derive: Readonly<Record<string, string>>;
  readonly checks: readonly CheckSpec[];
  readonly time: string | null;
  readonly entity: readonly string[];
  readonly label: LabelSpec | null;
  readonly maxRejectedRatio: number;
}

/** The contract of a dataset with its declared or inferred columns; `where` of a request stands in for the declared. */
export function effectiveContract(
  spec: DatasetSpec,
  columns: Readonly<Record<string, ColumnSpec>>,
  where: string | undefined = spec.source.where,
): EffectiveContract {
  return {
    columns,
    where: where ?? null,
    derive: spec.source.derive ?? {},
    checks: spec.checks ?? [],
    time: spec.time ?? null,
    entity: spec.entity ?? [],
    label: spec.label ?? null,
    maxRejectedRatio: spec.maxRejectedRatio ?? DEFAULT_MAX_REJECTED_RATIO,
  };
}

/** A row without its time or entity has no place in the dataset, so these are required whatever the contract says. */
export function isRequired(contract: EffectiveContract, name: string): boolean {
  return contract.columns[name]?.required === true || contract.time === name || contract.entity.includes(name);
}

export interface SpecProblem {
  readonly key: string;
  readonly message: string;
}

/** What a declaration says against itself, found without looking at any data. Empty when it is sound. */
export function findSpecProblems(name: string, spec: DatasetSpec): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const add = (key: string, message: string) => problems.push({ key, message });
  if (!isName(name)) add('name', `"${name}" is not a name: letters and digits first, then also . _ -`);
  const ratio = spec.maxRejectedRatio ?? DEFAULT_MAX_REJECTED_RATIO;
  if (!(ratio >= 0 && ratio <= 1)) add('maxRejectedRatio', `${ratio} is not between 0 and 1`);
  const { columns } = spec.source;
  if (columns !== undefined && Object.keys(columns).length === 0) add('source.columns', 'names no column');
  for (const [column, rule] of Object.entries(columns ?? {})) {
    for (const message of columnProblems(column, rule)) add(`source.columns.${column}`, message);
  }
  for (const derived of Object.keys(spec.source.derive ?? {})) {
    if (badColumnName(derived)) add(`source.derive.${derived}`, 'the name is empty or begins with two underscores');
    if (columns !== undefined && hasName(columns, derived)) add(`source.derive.${derived}`, 'is also a column');
  }
  problems.push(...repeated(Object.keys({ ...columns, ...spec.source.derive })));
  if (columns !== undefined) problems.push(...referenceProblems(spec, columns));
  problems.push(...checkProblems(spec.checks ?? []));
  if (spec.label !== undefined) problems.push(...labelProblems(spec, spec.label));
  return problems;
}

/** `file_row_number` is what DuckDB calls the place of a row in its Parquet file. */
const badColumnName = (name: string) =>
  name.trim() === '' || name.startsWith('__') || name.length > 200 || name.toLowerCase() === 'file_row_number';
const hasName = (columns: Readonly<Record<string, unknown>>, name: string) =>
  Object.keys(columns).some((column) => column.toLowerCase() === name.toLowerCase());

/** SQL does not tell `Wind` from `wind`. */
function repeated(names: readonly string[]): SpecProblem[] {
  const seen = new Set<string>();
  const problems: SpecProblem[] = [];
  for (const name of names) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) problems.push({ key: 'source.columns', message: `${name} is there twice but for its case` });
    seen.add(folded);
  }
  return problems;
}

function columnProblems(name: string, rule: ColumnSpec): string[] {
  const problems: string[] = [];
  const numeric = rule.type === 'number' || rule.type === 'integer';
  if (badColumnName(name)) problems.push('the name is empty, too long, reserved, or begins with two underscores');
  if ((rule.min !== undefined || rule.max !== undefined) && !numeric && rule.type !== 'timestamp') {
    problems.push(`min and max do not fit a ${rule.type}`);
  }
  if (rule.min !== undefined && rule.max !== undefined && rule.min > rule.max) {
    problems.push(`min ${rule.min} is above max ${rule.max}`);
  }
  if (rule.pattern !== undefined && rule.type !== 'string') problems.push(`pattern does not fit a ${rule.type}`);
  if (rule.values !== undefined) {
    if (rule.values.length === 0) problems.push('values is empty');
    const fits = numeric ? 'number' : rule.type === 'boolean' ? 'boolean' : 'string';
    const odd = rule.values.find((value) => typeof value !== fits);
    if (odd !== undefined) problems.push(`the value ${JSON.stringify(odd)} is not a ${fits}`);
  }
  return problems;
}

/** Time, entity, label and unique checks name columns that exist. Called again once inferred columns are known. */
export function referenceProblems(spec: DatasetSpec, columns: Readonly<Record<string, ColumnSpec>>): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const known = { ...columns, ...spec.source.derive };
  const refer = (key: string, name: string) => {
    if (!Object.hasOwn(known, name)) problems.push({ key, message: `there is no column ${name}` });
  };
  if (spec.time !== undefined) {
    if (columns[spec.time]?.type !== 'timestamp') {
      problems.push({ key: 'time', message: `${spec.time} is not a column of type timestamp` });
    }
  }
  for (const name of spec.entity ?? []) {
    if (!Object.hasOwn(columns, name)) problems.push({ key: 'entity', message: `there is no column ${name}` });
  }
  if (spec.label !== undefined) refer('label.of', spec.label.of);
  for (const check of spec.checks ?? []) {
    if (check.kind === 'unique') for (const name of check.columns) refer(`checks.${check.name}`, name);
  }
  return problems;
}

function checkProblems(checks: readonly CheckSpec[]): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const names = new Set<string>();
  for (const check of checks) {
    const key = `checks.${check.name}`;
    if (names.has(check.name)) problems.push({ key, message: 'the name is there twice' });
    names.add(check.name);
    if (check.kind === 'unique' && check.columns.length === 0) problems.push({ key, message: 'names no column' });
    if (check.kind !== 'row-count') continue;
    if (check.min === undefined && check.max === undefined) problems.push({ key, message: 'has neither min nor max' });
    if ((check.min ?? 0) > (check.max ?? Number.POSITIVE_INFINITY)) problems.push({ key, message: 'min is above max' });
  }
  return problems;
}

function labelProblems(spec: DatasetSpec, label: LabelSpec): SpecProblem[] {
  const problems: SpecProblem[] = [];
  if (spec.time === undefined) problems.push({ key: 'label', message: 'needs the time of the dataset' });
  if (!(label.horizonMs > 0) || !Number.isInteger(label.horizonMs)) {
    problems.push({ key: 'label.horizonMs', message: `${label.horizonMs} is not a whole number above 0` });
  }
  if (badColumnName(label.name))
    problems.push({ key: 'label.name', message: 'is empty or begins with two underscores' });
  if (hasName({ ...spec.source.columns, ...spec.source.derive }, label.name)) {
    problems.push({ key: 'label.name', message: `${label.name} is also a column` });
  }
  return problems;
}

const EXTENSIONS: Readonly<Record<string, SourceFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** The format that a file name tells, or undefined. */
export function formatOf(fileName: string): SourceFormat | undefined {
  const extension = /\.([A-Za-z0-9]+)$/.exec(fileName)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : EXTENSIONS[extension];
}
