import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScoringServer, type ScoringServer } from '../scoring/scoring.fixture.js';

let server: ScoringServer;
beforeAll(async () => {
  server = await openScoringServer();
});
afterAll(() => server.dispose());

const get = (url: string) => server.app.inject({ method: 'GET', url });

describe('what the client of mlflow.deployments reads', () => {
  const rain = {
    ...{ name: 'rain', endpoint_type: 'model/predictions', model: { name: 'rain-model/1', provider: 'fairlead' } },
    ...{ endpoint_url: '/endpoints/rain/invocations', limit: null },
  };

  it('are the endpoints that answer', async () => {
    for (const url of ['/api/2.0/endpoints/', '/api/2.0/endpoints']) {
      expect((await get(url)).json()).toEqual({ endpoints: [rain], next_page_token: null });
    }
  });

  it('is one of them by its name, or an error in its own form', async () => {
    expect((await get('/api/2.0/endpoints/rain')).json()).toEqual(rain);
    const unknown = await get('/api/2.0/endpoints/storm');
    expect([unknown.statusCode, unknown.json()]).toEqual([
      404,
      expect.objectContaining({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining('storm') }),
    ]);
    expect((await get('/api/2.0/endpoints/rain@test')).statusCode).toBe(409);
    expect((await get('/api/2.0/endpoints/%2e%2e%2frain')).statusCode).toBe(404);
  });
});
