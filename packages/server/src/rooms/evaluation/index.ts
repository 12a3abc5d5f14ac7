export { createEvaluation } from './create-evaluation.js';
export { evaluationErrors } from './evaluation-errors.js';
export { reportCreated } from './evaluation-events.js';
export { evaluationRoutes } from './evaluation-routes.js';
export type * from './evaluation-types.js';
export { evaluatePredictions } from './predictions/evaluate-predictions.js';
export type * from './predictions/predictions-types.js';
export { classReport, type Skill, skillOf } from './skill-rules.js';
export { createEvaluateStep } from './steps/evaluate-step.js';
