import { describe, expect, it } from 'vitest';
import { createLogger, createMetrics, requestIdFrom } from './index.js';

const token = `fl_0123456789abcdef_${'s'.repeat(43)}`;

function collect(logFormat: 'json' | 'pretty') {
  const lines: string[] = [];
  const logger = createLogger({ logLevel: 'info', logFormat }, { write: (line) => lines.push(line) });
  return { lines, logger };
}

describe('the logger', () => {
  it('writes no credential, wherever it stands', () => {
    const { lines, logger } = collect('json');
    logger.info({ authorization: token, req: { headers: { authorization: 'Bearer abc' } }, a: { token: 'abc' } }, 'x');
    logger.warn(`somebody pasted ${token} here`);
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/abc|sss/);
    expect(lines[1]).toContain('fl_[redacted]');
  });

  it('leaves out what is below its level', () => {
    const { lines, logger } = collect('json');
    logger.debug('no');
    expect(lines).toEqual([]);
  });

  it('writes one readable line for people', () => {
    const { lines, logger } = collect('pretty');
    logger.info({ port: 4600 }, 'ready');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}ready port=4600\n$/);
  });
});

describe('the metrics', () => {
  it('show process, HTTP and declared metrics in one text', async () => {
    const metrics = createMetrics();
    metrics.counter({ name: 'things_total', help: 'Things.', labels: ['kind'] }).inc({ kind: 'a' }, 2);
    metrics.gauge({ name: 'depth', help: 'Depth.', read: () => 7 });
    metrics.httpRequestSeconds.observe({ method: 'GET', route: '/x', status: '200' }, 0.003);
    const text = await metrics.render();
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('fairlead_things_total{kind="a"} 2');
    expect(text).toContain('fairlead_depth 7');
    expect(text).toMatch(/fairlead_http_request_seconds_bucket\{le="0.005",method="GET",route="\/x",status="200"\} 1/);
  });

  it('of two servers in one process do not meet', async () => {
    createMetrics().counter({ name: 'one_total', help: 'One.' }).inc();
    expect(await createMetrics().render()).not.toContain('one_total');
  });
});

describe('the request id', () => {
  it('keeps a sane one and replaces anything else', () => {
    expect(requestIdFrom('abc-1.2_3')).toBe('abc-1.2_3');
    for (const bad of ['', 'a b', 'a\nb', 'x'.repeat(129), '"><script>', undefined, ['a']]) {
      expect(requestIdFrom(bad)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
