import type { LakeSession } from '../../platform/lake/index.js';
import { logicalType } from './cell-sql-rules.js';
import type { EffectiveContract } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { ColumnType } from './data-types.js';
import { checkCondition, checkExpression, parseExpression, type Scope } from './expression-guard.js';
import type { PreparedFile } from './prepare-files.js';

export interface VersionColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * Checks every SQL fragment of a contract but `where` and returns the columns that a version under it has: those of the
 * contract, then the derived ones.
 *
 * @throws DATA_EXPRESSION_INVALID naming the key
 */
export async function checkContract(lake: LakeSession, contract: EffectiveContract): Promise<VersionColumn[]> {
  const columns = Object.entries(contract.columns).map(([name, { type }]) => ({ name, type }));
  const derived: VersionColumn[] = [];
  for (const [name, sql] of Object.entries(contract.derive)) {
    const type = await checkExpression(lake, { key: `source.derive.${name}`, sql }, { scope: columns });
    derived.push({ name, type });
  }
  const scope: Scope = [...columns, ...derived];
  for (const check of contract.checks) {
    const key = `checks.${check.name}`;
    if (check.kind === 'row') await checkCondition(lake, { key, sql: check.sql }, { scope });
    if (check.kind === 'table') await checkCondition(lake, { key, sql: check.sql }, { scope, aggregate: true });
  }
  for (const [name, { pattern }] of Object.entries(contract.columns)) {
    if (pattern !== undefined) await checkPattern(lake, name, pattern);
  }
  return [...columns, ...derived];
}

async function checkPattern(lake: LakeSession, name: string, pattern: string): Promise<void> {
  try {
    await lake.query(`select regexp_full_match('', ?::varchar) as ok`, [pattern]);
  } catch (cause) {
    const key = `source.columns.${name}.pattern`;
    throw dataErrors.DATA_SPEC_INVALID(`${key}: ${pattern} is not a regular expression (RE2).`, {
      data: { key, pattern },
      cause,
    });
  }
}

/**
 * Checks `where` against the source it will be used on and returns the source columns beyond the contract that it reads.
 *
 * @throws DATA_EXPRESSION_INVALID
 */
export async function checkWhere(
  lake: LakeSession,
  contract: EffectiveContract,
  files: readonly PreparedFile[],
): Promise<string[]> {
  if (contract.where === null) return [];
  const expression = { key: 'source.where', sql: contract.where };
  const declared = Object.entries(contract.columns).map(([name, rule]) => ({
    name: rule.from ?? name,
    type: rule.type,
  }));
  const used = await parseExpression(lake, expression);
  const known = new Set(declared.map(({ name }) => name.toLowerCase()));
  const beyond = used.filter((name) => !known.has(name.toLowerCase()));
  const extra: VersionColumn[] = [];
  const [first] = files;
  for (const name of beyond) {
    const column = first?.readable.columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    // A JSON line names its own keys, so any name may be there.
    if (column === undefined && first?.format !== 'jsonl') continue;
    extra.push({ name: column?.name ?? name, type: logicalType(column?.native ?? 'VARCHAR') ?? 'string' });
  }
  await checkCondition(lake, expression, { scope: [...declared, ...extra] });
  return extra.map(({ name }) => name);
}
