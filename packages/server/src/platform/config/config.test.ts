import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configReference, loadConfig } from './index.js';

const folder = () => mkdtempSync(join(tmpdir(), 'fairlead-config-'));
const issuesOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    const { code, data } = error as { code: string; data: { issues: unknown[] } };
    return { code, issues: data.issues };
  }
  return { code: 'none', issues: [] };
};

describe('loading the configuration', () => {
  it('gives secure defaults when nothing is said', () => {
    const cwd = folder();
    const config = loadConfig({ flags: {}, env: {}, cwd });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4600,
      identity: { required: false },
      webhookAllowPrivate: false,
      bodyLimitBytes: 64 * 2 ** 20,
      home: join(cwd, '.fairlead'),
      databaseUrl: join(cwd, '.fairlead', 'fairlead.db'),
    });
    expect('publicUrl' in config).toBe(false);
  });

  it('lets the file override defaults, the environment the file, and flags everything', () => {
    const cwd = folder();
    mkdirSync(join(cwd, '.fairlead'));
    writeFileSync(
      join(cwd, '.fairlead', 'fairlead.config.yaml'),
      'port: 1\nlogLevel: warn\njobConcurrency: 7\nidentity:\n  required: true\n',
    );
    const env = { FAIRLEAD_PORT: '2', FAIRLEAD_LOG_LEVEL: 'debug', FAIRLEAD_ALLOWED_HOSTS: 'a.example, b.example' };
    const config = loadConfig({ flags: { port: 3 }, env, cwd });
    expect(config).toMatchObject({ port: 3, logLevel: 'debug', jobConcurrency: 7, identity: { required: true } });
    expect(config.allowedHosts).toEqual(['a.example', 'b.example']);
  });

  it('takes flags in kebab-case and camelCase and a named file', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'my.json'), '{"home": "elsewhere"}');
    const flags = { config: 'my.json', 'database-url': 'db/x.db', identityRequired: true, requestTimeoutMs: '500' };
    expect(loadConfig({ flags, env: {}, cwd })).toMatchObject({
      home: join(cwd, 'elsewhere'),
      databaseUrl: join(cwd, 'db/x.db'),
      identity: { required: true },
      requestTimeoutMs: 500,
    });
  });

  it('names source, key, got and expected of everything that is wrong, all at once', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'c.json'), '{"prot": 1, "port": "4600", "identity": {"need": true}}');
    const env = { FAIRLEAD_DURABILITY: 'some', FAIRLEAD_PROT: '1' };
    const { code, issues } = issuesOf(() => loadConfig({ flags: { config: 'c.json', logLevel: 3 }, env, cwd }));
    expect(code).toBe('CFG_INVALID');
    const file = `file ${join(cwd, 'c.json')}`;
    expect(issues).toEqual([
      { source: file, key: 'prot', got: '1', expected: 'a known key' },
      { source: file, key: 'port', got: '"4600"', expected: 'integer 0..65535' },
      { source: file, key: 'identity.need', got: 'true', expected: 'a known key' },
      {
        source: 'environment variable FAIRLEAD_DURABILITY',
        key: 'durability',
        got: '"some"',
        expected: 'one of normal, full',
      },
      { source: 'environment variable FAIRLEAD_PROT', key: 'FAIRLEAD_PROT', got: '"1"', expected: 'a known key' },
      {
        source: 'flag --log-level',
        key: 'logLevel',
        got: '3',
        expected: 'one of trace, debug, info, warn, error, fatal, silent',
      },
    ]);
  });

  it.each([
    ['0.25', 0.25],
    ['0', 0],
    ['1', 1],
  ])('takes %j as a share', (text, share) => {
    expect(loadConfig({ flags: {}, env: { FAIRLEAD_CAPTURE_SAMPLE: text }, cwd: '/' }).captureSample).toBe(share);
  });

  it.each(['1.5', '-0.1', 'half', ''])('refuses %j as a share', (text) => {
    expect(() => loadConfig({ flags: {}, env: { FAIRLEAD_CAPTURE_SAMPLE: text }, cwd: '/' })).toThrow(/number 0\.\.1/);
  });

  it.each(['1e3', '0x10', '70000', '-1', '', ' 1'])('refuses %j as a port', (port) => {
    expect(issuesOf(() => loadConfig({ flags: {}, env: { FAIRLEAD_PORT: port }, cwd: folder() })).code).toBe(
      'CFG_INVALID',
    );
  });

  it('does not repeat a database address, which may hold a password', () => {
    expect(() => loadConfig({ flags: { databaseUrl: 5 }, env: {}, cwd: folder() })).toThrow(
      /databaseUrl is a value that is not shown/,
    );
  });

  it('refuses a broken file, two files, and a home inside home', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'broken.json'), '{');
    expect(issuesOf(() => loadConfig({ flags: { config: 'broken.json' }, env: {}, cwd })).code).toBe('CFG_INVALID');
    const home = join(cwd, '.fairlead');
    mkdirSync(home);
    writeFileSync(join(home, 'fairlead.config.json'), '{"home": "x"}');
    expect(issuesOf(() => loadConfig({ flags: {}, env: {}, cwd })).issues).toMatchObject([{ key: 'home' }]);
    writeFileSync(join(home, 'fairlead.config.yaml'), 'port: 1');
    expect(issuesOf(() => loadConfig({ flags: {}, env: {}, cwd })).code).toBe('CFG_INVALID');
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({ flags: {}, env: {}, cwd: folder() });
    expect(Object.isFrozen(config) && Object.isFrozen(config.identity) && Object.isFrozen(config.allowedHosts)).toBe(
      true,
    );
  });

  it('leaves the variables of clients, steps and tests alone', () => {
    const env = { FAIRLEAD_URL: 'x', FAIRLEAD_TOKEN: 'y', FAIRLEAD_TEST_POSTGRES_URL: 'z', FAIRLEAD_RUN_ID: '1' };
    expect(loadConfig({ flags: {}, env, cwd: folder() }).port).toBe(4600);
  });
});

describe('the configuration reference', () => {
  it('describes every key with its names and its default', () => {
    const rows = configReference();
    expect(rows.every((row) => row.description !== '' && row.expected !== '')).toBe(true);
    expect(rows.find((row) => row.key === 'requestTimeoutMs')).toMatchObject({
      environment: 'FAIRLEAD_REQUEST_TIMEOUT_MS',
      flag: '--request-timeout-ms',
      default: '30000',
    });
    expect(rows.find((row) => row.key === 'identity.required')?.environment).toBe('FAIRLEAD_IDENTITY_REQUIRED');
  });
});

describe('a list of brokers', () => {
  const brokers = (text: string) =>
    loadConfig({ flags: {}, env: { FAIRLEAD_STREAM_BROKERS: text }, cwd: folder() }).streamBrokers;

  it('is told apart from the hosts of one broker', () => {
    expect(brokers('kafka://a:9092,b:9092, nats://u:p@n,kafka+ssl://c')).toEqual([
      ...['kafka://a:9092,b:9092', 'nats://u:p@n', 'kafka+ssl://c'],
    ]);
    expect(brokers('')).toEqual([]);
  });

  it('is in no message, for it may hold passwords', () => {
    expect(() => brokers('mqtt://u:hush@a')).toThrow(/streamBrokers is a value that is not shown, expected list of/);
  });
});
