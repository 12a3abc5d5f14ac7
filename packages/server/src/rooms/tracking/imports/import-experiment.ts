import type { ChangeContext } from '../../../platform/db/index.js';
import { missingExperiment } from '../experiment-service.js';
import { parseName } from '../parse-batch.js';
import { trackingErrors } from '../tracking-errors.js';
import { experimentImported } from '../tracking-events.js';
import { LIMITS, textProblem } from '../tracking-rules.js';
import type { ExperimentHead } from '../tracking-store.js';
import type { ImportDeps } from './import-deps.js';
import { compareTexts, matchExperiment, siftTexts } from './import-rules.js';
import type { ImportedExperiment, ImportedPlace, ImportMode } from './import-types.js';

const MAX_OF_ONE_NAME = 1_000;

/** Finds the experiment that a record stands for, or makes it, deleted ones as deleted. Tags that are missing are added. */
export async function importExperiment(
  deps: ImportDeps,
  context: ChangeContext,
  record: ImportedExperiment,
  { check }: ImportMode,
): Promise<ImportedPlace> {
  const { db, experimentStore: store, clock } = deps;
  parseName('experiment', record.name);
  const noteProblem = textProblem(record.note, LIMITS.note);
  if (noteProblem !== null) {
    throw trackingErrors.TRK_VALUE_INVALID(`The note is not allowed: ${noteProblem}.`, {
      data: { problem: noteProblem },
    });
  }
  const sifted = siftTexts('tag', record.tags, LIMITS.experimentTagValue);
  return db.transact(context, async (tx) => {
    if (!check) await store.lockNames(tx);
    const { items } = await store.search(tx, {
      where: [{ field: 'name', comparison: '=', value: record.name }],
      lifecycle: 'all',
      limit: MAX_OF_ONE_NAME,
    });
    const found = matchExperiment(record, items);
    if (found !== undefined) {
      const here = (await store.tagsOf(tx, [found.no])).get(found.no) ?? {};
      const { fresh, problems } = compareTexts('tag', sifted.texts, here);
      const lacking = check ? Object.keys(fresh).map((key) => `tag ${JSON.stringify(key)} is not here`) : [];
      if (!check && Object.keys(fresh).length > 0) await store.writeTags(tx, found.no, fresh);
      if (!check && found.note === '' && record.note !== '') await store.update(tx, found.no, { note: record.note });
      const all = [...sifted.problems, ...problems, ...lacking, ...compareState(record, found, check)];
      return { id: found.id, artifactRoot: found.artifactRoot, outcome: 'found', problems: all };
    }
    if (check) return { id: '', artifactRoot: '', outcome: 'absent', problems: [] };
    const nowMs = clock.nowMs();
    const { name, lifecycle, note } = record;
    const createdAtMs = record.createdAtMs ?? nowMs;
    const updatedAtMs = record.updatedAtMs ?? createdAtMs;
    const head =
      (await store.insert(tx, { name, lifecycle, note, tags: sifted.texts, createdAtMs, updatedAtMs })) ??
      missingExperiment(name);
    if (lifecycle === 'deleted') await store.update(tx, head.no, { deletedAtMs: updatedAtMs });
    const { no: _, ...after } = { ...head, tags: sifted.texts };
    tx.record(experimentImported.of({ kind: 'experiment', id: head.id }, { name }, { after }));
    return { id: head.id, artifactRoot: head.artifactRoot, outcome: 'made', problems: sifted.problems };
  });
}

function compareState(record: ImportedExperiment, here: ExperimentHead, check: boolean): string[] {
  return [
    ...(record.lifecycle === here.lifecycle ? [] : [`it is ${here.lifecycle} here and ${record.lifecycle} there`]),
    ...(record.note === here.note || (here.note === '' && !check) ? [] : ['the note here is another']),
  ];
}
