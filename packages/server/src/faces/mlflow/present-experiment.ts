import type { Experiment } from '../../rooms/tracking/index.js';
import { showArtifactRoot } from './artifact-root.js';
import { joinNote } from './reserved-tags.js';
import { unlessEmpty } from './wire.js';

export function presentExperiment(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: showArtifactRoot(experiment.artifactRoot),
    lifecycle_stage: experiment.lifecycle,
    last_update_time: experiment.updatedAtMs,
    creation_time: experiment.createdAtMs,
    tags: unlessEmpty(joinNote(experiment)),
  };
}
