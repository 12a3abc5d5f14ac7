import { type Change, canonicalJson } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import { checkContract } from './check-contract.js';
import { effectiveContract, findSpecProblems } from './contract-rules.js';
import type { DataDeps } from './data-deps.js';
import { dataErrors } from './data-errors.js';
import { datasetDeclared } from './data-events.js';
import type { Dataset, DatasetSpec } from './data-types.js';
import { specDigest } from './digests.js';
import { parseExpression } from './expression-guard.js';

/**
 * Declares or changes a dataset. A changed spec without columns forgets the inferred ones only when it demands something
 * else of the source.
 *
 * @throws DATA_SPEC_INVALID, DATA_EXPRESSION_INVALID
 */
export async function declareDataset(
  deps: DataDeps,
  context: ChangeContext,
  { name, spec }: { name: string; spec: DatasetSpec },
): Promise<{ dataset: Dataset; change: Change | null }> {
  const [problem] = findSpecProblems(name, spec);
  if (problem !== undefined) {
    throw dataErrors.DATA_SPEC_INVALID(`${name}: ${problem.key}: ${problem.message}.`, {
      data: { dataset: name, ...problem },
    });
  }
  await checkExpressions(deps, spec);
  const { db, store, clock } = deps;
  return db.transact(context, async (tx) => {
    const before = await store.dataset(tx, name);
    if (before !== undefined && sameSpec(before.spec, spec)) return { dataset: before, change: null };
    const inferredColumns = spec.source.columns === undefined ? (before?.inferredColumns ?? null) : null;
    const nowMs = clock.nowMs();
    const dataset: Dataset = {
      name,
      spec,
      contractDigest: specDigest(spec, inferredColumns),
      inferredColumns,
      latestVersionId: before?.latestVersionId ?? null,
      createdAtMs: before?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
    };
    await store.saveDataset(tx, dataset);
    const change: Change = { before: before?.spec ?? null, after: spec };
    const payload = { dataset: name, contractDigest: dataset.contractDigest };
    tx.record(datasetDeclared.of({ kind: 'dataset', id: name }, payload, change));
    return { dataset, change };
  });
}

/** The order of the columns is part of a spec, though not of canonical JSON. */
function sameSpec(a: DatasetSpec, b: DatasetSpec): boolean {
  const ordered = (spec: DatasetSpec) =>
    canonicalJson([spec, Object.keys(spec.source.columns ?? {}), Object.keys(spec.source.derive ?? {})]);
  return ordered(a) === ordered(b);
}

async function checkExpressions({ lake }: DataDeps, spec: DatasetSpec): Promise<void> {
  const { where, columns, derive = {} } = spec.source;
  if (where !== undefined) await parseExpression(lake, { key: 'source.where', sql: where });
  if (columns !== undefined) {
    await checkContract(lake, effectiveContract(spec, columns));
    return;
  }
  // Names and types are known at the first delivery only.
  for (const [name, sql] of Object.entries(derive)) await parseExpression(lake, { key: `source.derive.${name}`, sql });
  for (const check of spec.checks ?? []) {
    if ('sql' in check) await parseExpression(lake, { key: `checks.${check.name}`, sql: check.sql });
  }
}
