// Golden numbers: scikit-learn 1.9.1 LinearSVC(tol=1e-9) (ensembles.golden.json names all versions).
import { describe, expect, it } from 'vitest';
import { runFeatureGraph, worstDifference } from '../../onnx/graph-run.fixture.js';
import golden from '../ensembles/ensembles.golden.json' with { type: 'json' };
import { fitLinearSvc } from './linear-svc.js';
import { svmWeather } from './weather-svm.fixture.js';

const { x, wet, level, weights: sampleWeight } = svmWeather();

describe('linear support vector classification', () => {
  it('finds scikit-learn’s coefficients, with weights, three classes and hinge', () => {
    const lines = (model: ReturnType<typeof fitLinearSvc>) => [...model.coefficients, ...model.intercepts];
    expect(worstDifference(golden.linearSvc, lines(fitLinearSvc(x, wet)))).toBeLessThan(1e-5);
    const three = fitLinearSvc(x, level, { c: 0.1, interceptScaling: 3, sampleWeight, probability: false });
    expect(worstDifference(golden.linearSvcThree, lines(three))).toBeLessThan(1e-5);
    const hinge = fitLinearSvc(x, wet, { loss: 'hinge', c: 0.5, tol: 1e-6, maxIter: 5000, probability: false });
    expect(worstDifference(golden.linearSvcHinge, lines(hinge))).toBeLessThan(1e-3);
  });

  it('answers in the runtime as here, with classes that were never met', async () => {
    for (const model of [
      fitLinearSvc(x, wet),
      fitLinearSvc(x, level),
      fitLinearSvc(x, level, { classCount: 5, probability: false }),
    ]) {
      const own = model.predictProbabilities(x);
      expect(worstDifference(own, await runFeatureGraph(x, model.classCount, model.writeOnnx))).toBeLessThan(1e-6);
    }
  });
});
