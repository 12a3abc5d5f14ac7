import { ModelCardSchema, type ModelCardView, SetCardTextSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, allowStandalonePage, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { RegistryService } from '../registry-types.js';
import { acceptedFormat } from './accepted-format-rules.js';
import { CARD_FORMATS } from './card-formats.js';

const tags = ['registry'];
const NumberParams = Type.Object({ model: Type.String(), version: Type.Integer({ minimum: 1 }) });
const FormatQuery = Type.Object({
  format: Type.Optional(
    Type.Enum([...CARD_FORMATS], {
      description:
        'json: Google’s model-card schema 0.0.2; cyclonedx: ML-BOM 1.6. Absent: what Accept likes best, else our own card.',
    }),
  ),
});

/** The card of a version: facts, texts of people, and the same in the formats of others. */
export function addCardRoutes(app: App, registry: RegistryService): void {
  app.get(
    '/api/v1/models/:model/versions/:version/card',
    {
      schema: {
        operationId: 'getModelCard',
        summary: 'Get the model card of a version, in one of five formats',
        tags,
        params: NumberParams,
        querystring: FormatQuery,
        response: { 200: ModelCardSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'model:read');
      const { model, version } = request.params;
      const format = request.query.format ?? acceptedFormat(request.headers.accept);
      reply.header('vary', 'Accept');
      if (format === undefined) return present<ModelCardView>(await registry.card(model, version));
      const { mediaType, text } = await registry.cardFile(model, version, format);
      if (format === 'html') allowStandalonePage(reply);
      return reply.type(mediaType).send(text as never);
    },
  );
  app.put(
    '/api/v1/models/:model/versions/:version/card',
    {
      schema: {
        operationId: 'setModelCardText',
        summary: 'Write a field of the model card',
        tags,
        params: NumberParams,
        body: SetCardTextSchema,
        response: { 200: ModelCardSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'card:write');
      const { model, version } = request.params;
      await registry.setCardText(requestContext(request), model, { version, ...request.body });
      return present<ModelCardView>(await registry.card(model, version));
    },
  );
}
