import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { type App, actorOf } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { presentPoint } from './present-run.js';
import type { TrackingService } from './tracking-types.js';

/** Proxies close connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;

/** Metrics of a run as they are stored, as server-sent events. Not in the OpenAPI document: its answer has no end. */
export function addMetricStreamRoutes(app: App, tracking: TrackingService): void {
  const open = new Set<AbortController>();
  // A stream that nobody ends would hold up the stop of the server until its patience is over.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.abort();
  });
  app.get(
    '/api/v1/runs/:runId/metric-stream',
    { schema: { hide: true, params: Type.Object({ runId: Type.String() }) } },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:read');
      const { runId } = request.params;
      await tracking.run(runId);
      const stop = new AbortController();
      open.add(stop);
      const body = new Readable({ read: () => undefined });
      body.once('close', () => stop.abort());
      const heartbeat = setInterval(() => body.push(': here\n\n'), HEARTBEAT_MS);
      stop.signal.addEventListener(
        'abort',
        () => {
          clearInterval(heartbeat);
          open.delete(stop);
          if (!body.destroyed) body.push(null);
        },
        { once: true },
      );
      const points = tracking.followMetrics(runId, stop.signal);
      void send(points, body).catch((error: Error) => body.destroy(error));
      body.push(': follows\n\n');
      return reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store').send(body);
    },
  );
}

/** Takes the next points only when the reader has room: the feed keeps the latest of each key for slow ones. */
async function send(source: ReturnType<TrackingService['followMetrics']>, body: Readable): Promise<void> {
  for await (const points of source) {
    if (body.destroyed) return;
    body.push(`event: metrics\ndata: ${JSON.stringify(points.map(presentPoint))}\n\n`);
    while (body.readableLength > body.readableHighWaterMark && !body.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
