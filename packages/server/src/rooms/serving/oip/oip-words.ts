import { Type } from 'typebox';

/** Errors of these routes are the protocol's: `{"error": "CODE: text"}`. */
export const oipConfig = { errorShape: 'oip' } as const;
export const oipTags = ['inference'];
export const ModelParams = Type.Object({ model: Type.String(), version: Type.Optional(Type.String()) });

/** The protocol's name for what computes here. */
export const PLATFORM = 'onnx_onnxv1';
