import type { StoredVersion } from '../registry-store.js';

/** The MLmodel file of a version that was packaged here. JSON is YAML, and needs no thought about quotes. */
export function writeMlModel({ id, runId, createdAtMs, package: content }: StoredVersion): string {
  const onnx = content?.files.find(({ path }) => path === 'model.onnx');
  const file = {
    flavors: {
      onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'], onnx_session_options: null, code: null },
      python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx', env: {} },
    },
    model_uuid: id,
    ...(runId !== null && { run_id: runId }),
    model_size_bytes: onnx?.sizeBytes ?? 0,
    utc_time_created: new Date(createdAtMs).toISOString().replace('T', ' ').replace('Z', '000'),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
