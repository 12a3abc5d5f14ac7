import { describe, expect, it } from 'vitest';
import { prefersHtml } from './accept-rules.js';

describe('who asks for a page', () => {
  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', true],
    ['TEXT/HTML; charset=utf-8', true],
    ['application/json;q=0.5, text/html', true],
    ['application/json, text/html;q=0.9', false],
    ['application/json', false],
    ['text/html;q=0', false],
    ['text/html;q=much', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (accept, expected) => {
    expect(prefersHtml(accept)).toBe(expected);
  });
});
