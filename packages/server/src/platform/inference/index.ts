export { adaptOnnx, type OnnxAdapter } from './adapt-onnx.js';
export { isJoined } from './check-inputs.js';
export { ARRAY_KINDS, type ArrayKind } from './datatypes.js';
export { type FoldedOnnx, foldOnnx, MAX_ONNX_BYTES, sideFilesOf } from './external-data/fold-onnx.js';
export { localSideFiles } from './external-data/local-side-files.js';
export { inferenceErrors } from './inference-errors.js';
export { createInferenceHost, type InferenceHostOptions } from './inference-host.js';
export {
  type Datatype,
  type InferenceHost,
  type InferenceStats,
  JOINED,
  type LoadedModel,
  type ModelDescription,
  type ModelFile,
  type ModelHosting,
  type NamedTensor,
  type ProbedFacts,
  type RunOptions,
  type RunResult,
  type TensorData,
  type TensorSpec,
} from './inference-types.js';
export { splitColumns } from './join-columns.js';
export { type OnnxContent, readOnnxContent } from './onnx-content.js';
export { type OnnxGraph, type OnnxNode, readOnnxGraph } from './onnx-graph.js';
export { readOnnxMetadata } from './onnx-metadata.js';
export { type ProbedModel, type ProbeOptions, probeModel } from './probe-model.js';
export { type ModelOnDisk, openProgramModel } from './program/open-program-model.js';
export { mlflowProtocol } from './remote/mlflow-protocol.js';
export type { ModelProtocol } from './remote/model-protocol.js';
export { oipProtocol } from './remote/oip-protocol.js';
export { openRemoteModel } from './remote/open-remote-model.js';
export { RunCost } from './run-cost.js';
export { onnxRuntimeVersion } from './runtime-version.js';
export { withOnnxMetadata } from './with-onnx-metadata.js';
