import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../platform/config/index.js';
import { createLogger } from '../../platform/telemetry/index.js';
import { createFairlead, type Fairlead } from '../create-fairlead.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the page of a release that does not exist', () => {
  let home: string;
  let fairlead: Fairlead;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-error-page-'));
    const config = loadConfig({ flags: { home, logLevel: 'silent' }, env: {}, cwd: home });
    fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    await fairlead.app.ready();
  });
  afterAll(async () => {
    await fairlead.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const ask = (url: string, accept: string) => fairlead.app.inject({ url, headers: { host: 'localhost', accept } });

  it.each([
    ['unknown', '/releases/nobody-knows', 'REL_NOT_FOUND'],
    ['escaped', '/releases/%3Cscript%3E%22', 'REL_NOT_FOUND'],
    ['too long', `/releases/${'x'.repeat(500)}`, 'HTTP_INVALID_REQUEST'],
    ['undecodable', '/releases/%zz', 'HTTP_BAD_URL'],
    ['more than an id', '/releases/one/two', 'HTTP_ROUTE_NOT_FOUND'],
  ])('is one for people, with a way home, when the id is %s', async (_, url, code) => {
    const answer = await ask(url, BROWSER);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(answer.headers['content-security-policy']).toMatch(/style-src 'self' 'nonce-/);
    expect(answer.body).toMatch(/^<!doctype html>/);
    expect(answer.body).toContain('<a href="/">To the first page</a>');
    expect(answer.body).toContain(code);
    expect(answer.body).not.toContain('<script');
    const plain = await ask(url, '*/*');
    expect(plain.headers['content-type']).toMatch(/^application\/json/);
    expect(plain.json()).toMatchObject({ error: { code } });
  });

  it('leaves the answers of the API alone, whatever is asked for', async () => {
    const answer = await ask('/api/v1/releases/nobody-knows', BROWSER);
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'REL_NOT_FOUND']);
    expect(answer.headers.vary).toBeUndefined();
  });
});
