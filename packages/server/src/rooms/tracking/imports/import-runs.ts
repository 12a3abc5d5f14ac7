import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import { missingExperiment } from '../experiment-service.js';
import type { Run } from '../run-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { runsImported } from '../tracking-events.js';
import { LIMITS } from '../tracking-rules.js';
import type { ExperimentHead } from '../tracking-store.js';
import type { ImportDeps } from './import-deps.js';
import { compareRun, compareTexts, isGoing, PURGED_HERE, runProblem, siftTexts } from './import-rules.js';
import type { ImportedRun, ImportMode, ImportVerdict } from './import-types.js';

const MAX_RUNS = 200;
/** Rows of one statement: SQLite takes 32,766 values. */
const TEXTS_AT_ONCE = 5_000;

type WriteTx = Tx & Reader;

/** Takes over runs whole, with params and tags, in one transaction. */
export async function importRuns(
  deps: ImportDeps,
  context: ChangeContext,
  runs: readonly ImportedRun[],
  { check }: ImportMode,
): Promise<ImportVerdict[]> {
  if (runs.length > MAX_RUNS) {
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`${runs.length} runs at once, at most ${MAX_RUNS} are allowed.`, {
      data: { observed: runs.length },
    });
  }
  const { db, runStore, experimentStore } = deps;
  return db.transact(context, async (tx) => {
    const ids = runs.map(({ id }) => id);
    const here = new Map((await runStore.runs(tx, ids)).map((run) => [run.id, run]));
    const experiments = new Map<string, ExperimentHead>();
    const verdicts: ImportVerdict[] = [];
    const made = new Map<string, string[]>();
    for (const record of runs) {
      const { id, experimentId } = record;
      const problem = runProblem(record);
      const known = here.get(id);
      if (problem !== null) verdicts.push({ id, outcome: 'refused', problems: [problem] });
      else if (known !== undefined) verdicts.push(await compare(deps, tx, record, { here: known, check }));
      else if (await deps.isPurged(tx, { kind: 'run', id }))
        verdicts.push({ id, outcome: 'refused', problems: [PURGED_HERE] });
      else if (check) verdicts.push({ id, outcome: 'absent', problems: [] });
      else {
        const experiment =
          experiments.get(experimentId) ??
          (await experimentStore.byId(tx, experimentId)) ??
          missingExperiment(experimentId);
        experiments.set(experimentId, experiment);
        verdicts.push(await insert(deps, tx, record, { experiment, by: context.actor.id }));
        made.set(experimentId, [...(made.get(experimentId) ?? []), id]);
      }
    }
    for (const [id, runIds] of made) tx.record(runsImported.of({ kind: 'experiment', id }, { runIds }));
    return verdicts;
  });
}

const sift = (record: ImportedRun) => ({
  params: siftTexts('param', record.params, LIMITS.paramValue),
  tags: siftTexts('tag', record.tags, LIMITS.tagValue),
});

async function insert(
  { runStore }: ImportDeps,
  tx: WriteTx,
  record: ImportedRun,
  { experiment, by }: { experiment: ExperimentHead; by: string },
): Promise<ImportVerdict> {
  const { params, tags } = sift(record);
  const no = await runStore.insert(tx, {
    ...fieldsOf(record),
    experimentNo: experiment.no,
    id: record.id,
    lifecycle: 'active',
    createdBy: by,
    environment: null,
    group: null,
  });
  for (const some of inParts(params.texts)) await runStore.insertParams(tx, no, some);
  for (const some of inParts(tags.texts)) await runStore.upsertTags(tx, no, some);
  return { id: record.id, outcome: 'made', problems: [...params.problems, ...tags.problems] };
}

/** Every run has a name and a beginning here; a record without them gets what can be known. */
function fieldsOf({
  id,
  experimentId,
  name,
  status,
  startedAtMs,
  endedAtMs,
  userName,
  parentRunId,
  note,
}: ImportedRun) {
  return {
    experimentId,
    name: name.trim() === '' ? `run-${id.slice(-8)}` : name,
    status,
    startedAtMs: startedAtMs ?? endedAtMs ?? 0,
    endedAtMs,
    userName,
    parentRunId,
    note,
  };
}

/** A run that is still going here is brought up to date; of any other, params and tags that are missing are added. */
async function compare(
  { runStore }: ImportDeps,
  tx: WriteTx,
  record: ImportedRun,
  { here, check }: { here: Run; check: boolean },
): Promise<ImportVerdict> {
  const sifted = sift(record);
  const params = compareTexts('param', sifted.params.texts, here.params);
  const tags = compareTexts('tag', sifted.tags.texts, here.tags);
  const fields = fieldsOf(record);
  const problems = [
    ...sifted.params.problems,
    ...sifted.tags.problems,
    ...params.problems,
    ...tags.problems,
    ...compareRun(fields, here),
  ];
  const lacking = [...Object.keys(params.fresh), ...Object.keys(tags.fresh)];
  const isBehind = isGoing(here) && (fields.status !== here.status || fields.endedAtMs !== here.endedAtMs);
  if (check) {
    problems.push(...lacking.map((key) => `${JSON.stringify(key)} is not here`));
    if (isBehind) problems.push(`status is ${here.status} here and ${fields.status} there`);
  } else if (lacking.length > 0 || isBehind) {
    const head = await runStore.lock(tx, record.id);
    if (head === undefined) return { id: record.id, outcome: 'absent', problems };
    for (const some of inParts(params.fresh)) await runStore.insertParams(tx, head.no, some);
    for (const some of inParts(tags.fresh)) await runStore.upsertTags(tx, head.no, some);
    const { status, endedAtMs } = fields;
    if (isBehind) await runStore.update(tx, head.no, { status, endedAtMs });
  }
  return { id: record.id, outcome: 'found', problems };
}

function* inParts(texts: Readonly<Record<string, string>>): Generator<Record<string, string>> {
  const entries = Object.entries(texts);
  for (let start = 0; start < entries.length; start += TEXTS_AT_ONCE) {
    yield Object.fromEntries(entries.slice(start, start + TEXTS_AT_ONCE));
  }
}
