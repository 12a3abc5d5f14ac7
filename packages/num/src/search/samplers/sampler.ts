import type { ParamValue } from '../../trainers/param-types.js';
import type { CompiledSpace } from '../compile-space.js';
import type { StudySpec } from '../search-types.js';

/** A study's specification, checked and made ready: everything that suggestions depend on beside the events. */
export interface StudyPlan {
  readonly spec: StudySpec;
  readonly space: CompiledSpace;
  /** Of each objective: 1 to minimise, −1 to maximise. Value × sign is a loss. */
  readonly signs: readonly number[];
}

/** Values for some parameters of one group (indices by name), for the trial that the draw was made for. */
export type Draw = (members: readonly number[]) => ParamValue[];
