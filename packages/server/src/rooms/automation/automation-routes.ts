import {
  ACTION_STATES,
  ActionRunSchema,
  type ActionRunView,
  DeclaredRuleSchema,
  RehearseRuleSchema,
  RuleSchema,
  RuleSpecSchema,
  type RuleView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { ActionRun, AutomationService, Rule, RuleSpec } from './automation-types.js';

const tags = ['automation'];
const NameParams = Type.Object({ name: Type.String({ maxLength: 100 }) });
const items = <T extends Parameters<typeof Type.Array>[0]>(schema: T) =>
  Type.Object({ items: Type.Array(schema), nextPageToken: Type.Null() });

// Parameters of a pipeline are any JSON in the domain and `unknown` on the wire.
const viewRule = (rule: Rule) => present<RuleView>(rule);
const viewRun = (run: ActionRun) => present<ActionRunView>(run);

export function automationRoutes({ automation }: { automation: AutomationService }): (app: App) => Promise<void> {
  return async (app) => {
    ruleRoutes(app, automation);
    runRoutes(app, automation);
  };
}

function ruleRoutes(app: App, automation: AutomationService): void {
  app.get(
    '/api/v1/rules',
    {
      schema: {
        operationId: 'listRules',
        summary: 'List the automation rules by name',
        tags,
        response: { 200: items(RuleSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:read');
      return { items: (await automation.rules()).map(viewRule), nextPageToken: null };
    },
  );
  app.get(
    '/api/v1/rules/:name',
    {
      schema: {
        operationId: 'getRule',
        summary: 'Get an automation rule',
        tags,
        params: NameParams,
        response: { 200: RuleSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:read');
      return viewRule(await automation.rule(request.params.name));
    },
  );
  app.put(
    '/api/v1/rules/:name',
    {
      schema: {
        operationId: 'declareRule',
        summary: 'Declare or change an automation rule',
        tags,
        params: NameParams,
        body: RuleSpecSchema,
        response: { 200: DeclaredRuleSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:write');
      const spec = request.body as RuleSpec;
      const { rule, changed } = await automation.declare(requestContext(request), request.params.name, spec);
      return { rule: viewRule(rule), changed };
    },
  );
  app.post(
    '/api/v1/rules/:name/rehearsals',
    {
      schema: {
        operationId: 'rehearseRule',
        summary: 'Show what a rule would have done for an event of the past, without doing it',
        tags,
        params: NameParams,
        body: RehearseRuleSchema,
        response: { 200: items(ActionRunSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:read');
      const runs = await automation.rehearse(request.params.name, request.body.eventSeq);
      return { items: runs.map(viewRun), nextPageToken: null };
    },
  );
}

function runRoutes(app: App, automation: AutomationService): void {
  app.get(
    '/api/v1/action-runs',
    {
      schema: {
        operationId: 'listActionRuns',
        summary: 'List what the rules did or held back, newest first',
        tags,
        querystring: Type.Object(
          {
            rule: Type.Optional(Type.String({ maxLength: 100 })),
            state: Type.Optional(Type.Enum([...ACTION_STATES])),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: items(ActionRunSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:read');
      const { rule, state, limit = 100 } = request.query;
      const filter = { ...(rule !== undefined && { rule }), ...(state !== undefined && { state }), limit };
      return { items: (await automation.runs(filter)).map(viewRun), nextPageToken: null };
    },
  );
  app.get(
    '/api/v1/action-runs/:id',
    {
      schema: {
        operationId: 'getActionRun',
        summary: 'Get one action of a rule',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
        response: { 200: ActionRunSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'automation:read');
      return viewRun(await automation.run(request.params.id));
    },
  );
}
