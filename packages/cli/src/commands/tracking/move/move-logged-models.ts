import type { SourceLoggedModel } from '@fairlead/server';
import { moveFiles } from './move-files.js';
import type { Move, MovedExperiment } from './move-types.js';

/** A logged model with its metrics and files. */
export async function moveLoggedModel(
  move: Move,
  experiment: MovedExperiment,
  model: SourceLoggedModel,
): Promise<void> {
  const { client, tally, tools, signal, places } = move;
  const { id, name, modelType, sourceRunId, status, params, tags, createdAtMs, updatedAtMs } = model;
  const place = `logged model ${id}`;
  tally.add('logged models', 'found');
  const record = {
    ...{ experimentId: experiment.id, name, modelType, sourceRunId, status, params, tags, createdAtMs, updatedAtMs },
    metrics: model.metrics.map((metric) => ({
      ...metric,
      value: Number.isFinite(metric.value) ? metric.value : (String(metric.value) as 'NaN' | 'Infinity' | '-Infinity'),
    })),
  };
  try {
    const { outcome, problems, artifactRoot } = await client.imports.loggedModel(id, record, { signal });
    if (outcome === 'refused') {
      tally.differ('logged models', place, problems);
      return;
    }
    places.add(model.artifactRoot, artifactRoot);
    const here = outcome === 'found' ? (await client.imports.modelFiles(id, { signal })).items : [];
    const read = await moveFiles(move, { owner: { kind: 'logged-model', ...model }, root: artifactRoot, here });
    const check = await client.imports.loggedModel(id, { ...record, check: true }, { signal });
    const after = new Map(
      (await client.imports.modelFiles(id, { signal })).items.map((file) => [file.path, file.digest]),
    );
    for (const [path, digest] of read) {
      if (after.get(path) !== digest)
        tally.differ('files', `${place}, ${path}`, ['it is not here with the same digest']);
    }
    const different = [...new Set([...problems, ...check.problems])];
    if (different.length > 0) tally.differ('logged models', place, different);
    else tally.add('logged models', outcome === 'made' ? 'moved' : 'already');
    if (model.lifecycle === 'deleted') experiment.deletedModelIds.push(id);
  } catch (error) {
    tally.differ('logged models', place, [tools.refusalOf(error)]);
  }
}
