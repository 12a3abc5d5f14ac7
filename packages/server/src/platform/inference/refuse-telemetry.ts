/**
 * ONNX Runtime 1.30 for Node reports its sessions to its vendor, and leaves files in the temporary folder, unless this stands
 * in the environment before the first session of the process. Worker threads read the environment of the process, which
 * only its main thread can change; a child inherits it.
 */
export function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
