import type { FastifyRequest } from 'fastify';
import type { App } from '../../platform/http/index.js';
import { hidden } from './mlflow-protocol.js';
import type { MlflowRooms } from './mlflow-rooms.js';

/** Below these; clients of 3.17 ask the first, MLflow's web UI the second. */
const PREFIXES = ['/api/3.0/mlflow', '/ajax-api/3.0/mlflow'];

/** What the server can do, for clients that ask before anything else, also before they name themselves. */
export function addServerInfo(app: App, { publicUrl }: Pick<MlflowRooms, 'publicUrl'>): void {
  for (const prefix of PREFIXES) {
    app.get(`${prefix}/server-info`, { ...hidden, config: { public: true } }, async (request) => ({
      // One of MLflow's own stores; clients name it in their telemetry and nowhere else.
      store_type: null,
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: publicUrl !== undefined || !isForwarded(request),
      // Clients would fetch parts from presigned addresses of an object store. Without them they read one stream.
      multipart_downloads_enabled: false,
      presigned_upload_run_id_supported: false,
      presigned_upload_model_id_supported: false,
      features_enabled: { gateway: false },
    }));
  }
}

/** Parts go to an address that the server names: behind a proxy it knows that only from `publicUrl`. */
function isForwarded({ headers }: FastifyRequest): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].some((name) => name in headers);
}
