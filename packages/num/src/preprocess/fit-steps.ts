import type { FeatureMatrix } from '../linalg/matrix.js';
import type { StepSpec } from './preprocess-spec.js';
import type { FittedStep, PreprocessTarget } from './preprocess-types.js';
import { fitPcaStep } from './steps/pca-step.js';
import { fitPolynomialStep } from './steps/polynomial-step.js';
import { fitScaleStep } from './steps/scale-step.js';
import { fitSelectStep } from './steps/select-step.js';

/** Learns each step on what the steps before it make of the training features. */
export function fitSteps(features: FeatureMatrix, specs: readonly StepSpec[], target: PreprocessTarget | undefined) {
  let training = features;
  const steps = specs.map((spec) => {
    const step = fitStep(training, spec, target);
    training = step.transform(training);
    return step;
  });
  return { steps, training, specs };
}

function fitStep(x: FeatureMatrix, spec: StepSpec, target: PreprocessTarget | undefined): FittedStep {
  switch (spec.step) {
    case 'polynomial':
      return fitPolynomialStep(x, spec);
    case 'select':
      return fitSelectStep(x, spec, target);
    case 'scale':
      return fitScaleStep(x, spec);
    case 'pca':
      return fitPcaStep(x, spec);
  }
}
