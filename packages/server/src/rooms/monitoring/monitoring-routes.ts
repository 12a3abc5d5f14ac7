import {
  ALERT_STATES,
  AlertSchema,
  type AlertView,
  MonitorReportSchema,
  MonitorSchema,
  MonitorSpecSchema,
  type MonitorView,
  PerformanceWindowSchema,
  PostRewardsSchema,
  PostTruthSchema,
  TruthOutcomeSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { MonitoringService } from './monitoring-types.js';
import { presentReport, presentWindow } from './present-report.js';

const tags = ['monitoring'];
const closed = { additionalProperties: false } as const;
const NameParams = Type.Object({ name: Type.String({ maxLength: 100 }) });
const IdParams = Type.Object({ id: Type.String({ maxLength: 100 }) });
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Default 100.' }));
const items = <T extends Parameters<typeof Type.Array>[0]>(schema: T) => Type.Object({ items: Type.Array(schema) });

export function monitoringRoutes({ monitoring }: { monitoring: MonitoringService }): (app: App) => Promise<void> {
  return async (app) => {
    monitorRoutes(app, monitoring);
    reportRoutes(app, monitoring);
    truthRoutes(app, monitoring);
    alertRoutes(app, monitoring);
  };
}

function monitorRoutes(app: App, monitoring: MonitoringService): void {
  const listSchema = {
    operationId: 'listMonitors',
    summary: 'List the monitors',
    tags,
    response: { 200: items(MonitorSchema) },
  };
  app.get('/api/v1/monitors', { schema: listSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:read');
    return { items: (await monitoring.list()).map(present<MonitorView>) };
  });
  const getSchema = {
    operationId: 'getMonitor',
    summary: 'Get a monitor',
    tags,
    params: NameParams,
    response: { 200: MonitorSchema },
  };
  app.get('/api/v1/monitors/:name', { schema: getSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:read');
    return present<MonitorView>(await monitoring.get(request.params.name));
  });
  const putSchema = {
    operationId: 'putMonitor',
    summary: 'Declare or change a monitor',
    tags,
    params: NameParams,
    body: MonitorSpecSchema,
    response: { 200: MonitorSchema },
  };
  app.put('/api/v1/monitors/:name', { schema: putSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:write');
    const { monitor } = await monitoring.declare(requestContext(request), request.params.name, request.body);
    return present<MonitorView>(monitor);
  });
}

function reportRoutes(app: App, monitoring: MonitoringService): void {
  const checkSchema = {
    operationId: 'checkMonitor',
    summary: 'Check a monitor now',
    tags,
    params: NameParams,
    response: { 201: MonitorReportSchema },
  };
  app.post('/api/v1/monitors/:name/checks', { schema: checkSchema }, async (request, reply) => {
    requireCan(actorOf(request), 'monitor:write');
    const report = await monitoring.check(requestContext(request), request.params.name);
    return reply.code(201).send(presentReport(report));
  });
  const listSchema = {
    operationId: 'listMonitorReports',
    summary: 'List the reports of a monitor, newest first',
    tags,
    params: NameParams,
    querystring: Type.Object({ limit: Limit }, closed),
    response: { 200: items(MonitorReportSchema) },
  };
  app.get('/api/v1/monitors/:name/reports', { schema: listSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:read');
    const reports = await monitoring.reports(request.params.name, request.query.limit ?? 100);
    return { items: reports.map(presentReport) };
  });
  const getSchema = {
    operationId: 'getMonitorReport',
    summary: 'Get a monitoring report',
    tags,
    params: IdParams,
    response: { 200: MonitorReportSchema },
  };
  app.get('/api/v1/monitor-reports/:id', { schema: getSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:read');
    return presentReport(await monitoring.report(request.params.id));
  });
}

function truthRoutes(app: App, monitoring: MonitoringService): void {
  const postSchema = {
    operationId: 'postTruths',
    summary: 'Post ground truth for predictions: late, in parts or corrected',
    tags,
    params: NameParams,
    body: PostTruthSchema,
    response: { 200: TruthOutcomeSchema },
  };
  app.post('/api/v1/endpoints/:name/truths', { schema: postSchema }, async (request) => {
    requireCan(actorOf(request), 'truth:write');
    return { ...(await monitoring.postTruth(requestContext(request), request.params.name, request.body.rows)) };
  });
  const rewardSchema = {
    operationId: 'postRewards',
    summary: 'Post what predictions were worth: late, in parts or corrected',
    tags,
    params: NameParams,
    body: PostRewardsSchema,
    response: { 200: TruthOutcomeSchema },
  };
  app.post('/api/v1/endpoints/:name/rewards', { schema: rewardSchema }, async (request) => {
    requireCan(actorOf(request), 'truth:write');
    return { ...(await monitoring.postRewards(requestContext(request), request.params.name, request.body.rows)) };
  });
  const performanceSchema = {
    operationId: 'getPerformance',
    summary: 'Get accuracy and Brier score over time, in windows of predictions with truth',
    tags,
    params: NameParams,
    querystring: Type.Object(
      {
        environment: Type.Optional(Type.String({ maxLength: 100, description: 'Default `production`.' })),
        rows: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, description: 'Rows per window. Default 60.' })),
        version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
      },
      closed,
    ),
    response: { 200: items(PerformanceWindowSchema) },
  };
  app.get('/api/v1/endpoints/:name/performance', { schema: performanceSchema }, async (request) => {
    requireCan(actorOf(request), 'monitor:read');
    const { rows = 60, ...where } = request.query;
    return { items: (await monitoring.performance(request.params.name, { rows, ...where })).map(presentWindow) };
  });
}

function alertRoutes(app: App, monitoring: MonitoringService): void {
  const listSchema = {
    operationId: 'listAlerts',
    summary: 'List alerts, newest first',
    tags,
    querystring: Type.Object(
      {
        state: Type.Optional(Type.Enum([...ALERT_STATES])),
        endpoint: Type.Optional(Type.String({ maxLength: 100 })),
        limit: Limit,
      },
      closed,
    ),
    response: { 200: items(AlertSchema) },
  };
  app.get('/api/v1/alerts', { schema: listSchema }, async (request) => {
    requireCan(actorOf(request), 'alert:read');
    const { limit = 100, ...where } = request.query;
    return { items: (await monitoring.alerts({ ...where, limit })).map(present<AlertView>) };
  });
  const getSchema = {
    operationId: 'getAlert',
    summary: 'Get an alert',
    tags,
    params: IdParams,
    response: { 200: AlertSchema },
  };
  app.get('/api/v1/alerts/:id', { schema: getSchema }, async (request) => {
    requireCan(actorOf(request), 'alert:read');
    return present<AlertView>(await monitoring.alert(request.params.id));
  });
  const acknowledgeSchema = {
    operationId: 'acknowledgeAlert',
    summary: 'Take an alert',
    tags,
    params: IdParams,
    response: { 200: AlertSchema },
  };
  app.post('/api/v1/alerts/:id/acknowledge', { schema: acknowledgeSchema }, async (request) => {
    requireCan(actorOf(request), 'alert:write');
    return present<AlertView>(await monitoring.acknowledge(requestContext(request), request.params.id));
  });
}
