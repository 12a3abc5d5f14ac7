import type { ArtifactRef, StepContext } from '../../pipelines/index.js';
import { trainingErrors } from '../training-errors.js';

/** The input `name` of a step, which must be of this kind. @throws TRN_INPUT_MISSING */
export function requireInput({ inputs, step }: StepContext, name: string, kind: string): ArtifactRef {
  const ref = inputs[name];
  if (ref?.kind === kind) return ref;
  const found = ref === undefined ? 'is not connected' : `is a ${ref.kind}`;
  throw trainingErrors.TRN_INPUT_MISSING(`Step ${step}: the input '${name}' must be a ${kind}, but ${found}.`, {
    data: { step, input: name, expected: kind, found: ref?.kind ?? null },
  });
}
