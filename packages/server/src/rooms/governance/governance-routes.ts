import { Readable } from 'node:stream';
import {
  AuditEventSchema,
  type AuditEventView,
  AuditVerificationSchema,
  type AuditVerificationView,
  StoredReportSchema,
} from '@fairlead/contracts';
import type { RecordedEvent } from '@fairlead/kernel';
import { type Static, Type } from 'typebox';
import {
  type App,
  actorOf,
  allowStandalonePage,
  decodePageToken,
  encodePageToken,
  present,
  requestContext,
  sendAsAttachment,
} from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { governanceErrors } from './governance-errors.js';
import type { AuditFilter, GovernanceService } from './governance-types.js';

const auditTags = ['audit'];
const Ms = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
const Text = Type.String({ minLength: 1, maxLength: 500 });
const filterMembers = {
  subjectKind: Type.Optional(Text),
  subjectId: Type.Optional(Text),
  actor: Type.Optional(Text),
  type: Type.Optional(Text),
  outcome: Type.Optional(Type.Enum(['ok', 'denied', 'error'])),
  fromMs: Type.Optional(Ms),
  untilMs: Type.Optional(Ms),
};
const FilterQuery = Type.Object(filterMembers, { additionalProperties: false });
const PageKey = Type.Object({ beforeSeq: Type.Integer({ minimum: 1 }) });
const VersionParams = Type.Object({
  model: Type.String({ maxLength: 100 }),
  version: Type.String({ maxLength: 100, description: 'A number, an alias or `latest`.' }),
});

export function governanceRoutes({ governance }: { governance: GovernanceService }): (app: App) => Promise<void> {
  return async (app) => {
    auditRoutes(app, governance);
    exportRoute(app, governance);
    reportRoutes(app, governance);
  };
}

function auditRoutes(app: App, governance: GovernanceService): void {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        operationId: 'listAuditEvents',
        summary: 'List the entries of the audit log, newest first',
        tags: auditTags,
        querystring: Type.Object(
          {
            ...filterMembers,
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
            pageToken: Type.Optional(Type.String({ maxLength: 2_048 })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(AuditEventSchema),
            nextPageToken: Type.Union([Type.String(), Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'audit:read');
      const { limit = 100, pageToken, ...filter } = request.query;
      const key = decodePageToken(pageToken, PageKey);
      const { events, nextBeforeSeq } = await governance.audit({ ...toFilter(filter), ...key, limit });
      const nextPageToken = nextBeforeSeq === null ? null : encodePageToken({ beforeSeq: nextBeforeSeq });
      return { items: events.map(viewEvent), nextPageToken };
    },
  );
  app.get(
    '/api/v1/audit/verification',
    {
      schema: {
        operationId: 'verifyAudit',
        summary: 'Check the hash chain of the whole audit log, and that it continues a checkpoint noted earlier',
        tags: auditTags,
        querystring: Type.Object(
          {
            entries: Type.Optional(Type.Integer({ minimum: 1, description: 'Entries at the checkpoint.' })),
            headHash: Type.Optional(
              Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Hash of the last of them.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: AuditVerificationSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'audit:read');
      const { entries, headHash } = request.query;
      if ((entries === undefined) !== (headHash === undefined)) {
        const given = entries === undefined ? 'headHash' : 'entries';
        throw governanceErrors.GOV_CHECKPOINT_INCOMPLETE(`Only ${given} was sent.`, { data: { given } });
      }
      const checkpoint = entries === undefined || headHash === undefined ? undefined : { entries, headHash };
      return present<AuditVerificationView>(await governance.verifyAudit(checkpoint && { checkpoint }));
    },
  );
}

function exportRoute(app: App, governance: GovernanceService): void {
  app.get(
    '/api/v1/audit/export',
    {
      schema: {
        operationId: 'exportAudit',
        summary: 'Download entries of the audit log, oldest first, one JSON object per line',
        tags: auditTags,
        querystring: FilterQuery,
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'audit:read');
      const lines = toLines(governance.exportAudit(toFilter(request.query)));
      sendAsAttachment(reply, 'fairlead-audit.ndjson');
      return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(lines));
    },
  );
}

function reportRoutes(app: App, governance: GovernanceService): void {
  app.get(
    '/api/v1/models/:model/versions/:version/report',
    {
      schema: {
        operationId: 'getModelReport',
        summary: 'Get the report of a model version: one HTML file without scripts',
        tags: ['governance'],
        params: VersionParams,
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'report:read');
      const { html, digest } = await governance.report(request.params.model, request.params.version);
      allowStandalonePage(reply);
      return reply.header('etag', `"${digest}"`).type('text/html; charset=utf-8').send(html);
    },
  );
  app.post(
    '/api/v1/models/:model/versions/:version/report',
    {
      schema: {
        operationId: 'storeModelReport',
        summary: 'Keep the report of a model version as it is now',
        tags: ['governance'],
        params: VersionParams,
        response: { 201: StoredReportSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'report:write');
      const { model, version } = request.params;
      return reply.code(201).send(await governance.storeReport(requestContext(request), model, version));
    },
  );
}

const viewEvent = (event: RecordedEvent) => present<AuditEventView>(event);

/** Absent members of a query are absent members of the filter. */
function toFilter(query: Static<typeof FilterQuery>): AuditFilter {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as AuditFilter;
}

async function* toLines(events: AsyncIterable<RecordedEvent>): AsyncIterable<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}
