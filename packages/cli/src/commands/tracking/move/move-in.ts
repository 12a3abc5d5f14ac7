import type { SourceExperiment } from '@fairlead/server';
import { moveLoggedModel } from './move-logged-models.js';
import { moveModels } from './move-models.js';
import { moveRuns } from './move-runs.js';
import type { Move, MovedExperiment, MoveOptions } from './move-types.js';

/**
 * Moves a source into the running server. What is there already stays, so a move that was stopped goes on when it is started
 * again. Logged models come before runs, which name them, and deleted things are deleted last, when their files are here.
 */
export async function moveIn(options: MoveOptions): Promise<void> {
  const move: Move = { ...options, places: options.tools.createAddressMap(), made: new Set() };
  const experiments: MovedExperiment[] = [];
  for await (const experiment of move.source.experiments()) {
    const moved = await moveExperiment(move, experiment);
    if (moved === undefined) continue;
    experiments.push(moved);
    for await (const model of move.source.loggedModels(experiment.id)) await moveLoggedModel(move, moved, model);
  }
  for (const experiment of experiments) await moveRuns(move, experiment);
  if (move.withModels) await moveModels(move);
}

async function moveExperiment(move: Move, source: SourceExperiment): Promise<MovedExperiment | undefined> {
  const { client, tools, tally, signal, report } = move;
  const { name, lifecycle, createdAtMs, updatedAtMs } = source;
  report(`experiment ${name}`);
  tally.add('experiments', 'found');
  const { tags, note = '' } = tools.splitExperimentTags(source.tags);
  const record = { name, lifecycle, tags, note, createdAtMs, updatedAtMs };
  try {
    const { id, outcome, problems, artifactRoot } = await client.imports.experiment(record, { signal });
    const check = await client.imports.experiment({ ...record, check: true }, { signal });
    const different = [...new Set([...problems, ...check.problems])];
    if (different.length > 0) tally.differ('experiments', name, different);
    else tally.add('experiments', outcome === 'made' ? 'moved' : 'already');
    return { source, id, artifactRoot, deletedModelIds: [] };
  } catch (error) {
    tally.differ('experiments', name, [tools.refusalOf(error)]);
    return undefined;
  }
}
