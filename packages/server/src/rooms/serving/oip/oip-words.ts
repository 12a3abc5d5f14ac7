import { Type } from 'typebox';

/** Errors of these routes are the protocol's: `{"error": "CODE: text"}`. */
export const oipConfig = { errorShape: 'oip' } as const;
export const oipTags = ['inference'];
export const ModelParams = Type.Object({ model: Type.String(), version: Type.Optional(Type.String()) });

export const SERVER_NAME = 'fairlead';

/** What of the protocol's extensions works here, all of it. */
export const EXTENSIONS = ['binary_tensor_data', 'model_repository', 'parameters', 'statistics'];

/** The protocol's name for what computes here. */
export const PLATFORM = 'onnx_onnxv1';
