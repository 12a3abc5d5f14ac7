import { createRequire } from 'node:module';

/** The version of ONNX Runtime that this process computes with. */
export function onnxRuntimeVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return version;
}
