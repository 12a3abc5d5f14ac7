import { describe, expect, it } from 'vitest';
import { renderReport } from './render-report.js';
import { bareFacts, fullFacts, HOSTILE } from './report.fixture.js';

/** Element and attribute names of a page, read by the rules of HTML: the texts between tags do not count. */
function markup(page: string): { elements: Set<string>; attributes: Set<string> } {
  const elements = new Set<string>();
  const attributes = new Set<string>();
  for (const [, name = '', rest = ''] of page.matchAll(/<([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g)) {
    elements.add(name.toLowerCase());
    for (const [, attribute = ''] of rest.matchAll(/\s([\w:-]+)(?==|\s|$)/g)) attributes.add(attribute.toLowerCase());
  }
  return { elements, attributes };
}

/** What a reader sees, without markup and style. */
const textOf = (page: string): string => page.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, ' ');

describe('a report of a model version', () => {
  const page = renderReport(fullFacts());

  it('is one file that loads nothing and runs nothing', () => {
    const { elements, attributes } = markup(page);
    for (const name of ['script', 'link', 'iframe', 'img', 'object', 'form', 'base']) {
      expect(elements, name).not.toContain(name);
    }
    expect([...attributes].filter((name) => name.startsWith('on') || name === 'src')).toEqual([]);
    expect(page).not.toMatch(/https?:|url\(|@import/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
  });

  it('has every section and leads to each of them', () => {
    const anchors = [...page.matchAll(/href="#([a-z]+)"/g)].map(([, id]) => id);
    expect(anchors).toHaveLength(11);
    for (const id of anchors) expect(page).toContain(`<section id="${id}"`);
  });

  it('gives equal bytes for equal facts', () => expect(renderReport(fullFacts())).toBe(page));

  it('has no two elements of one id, and a name for every picture', () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const pictures = [...page.matchAll(/<svg [^>]*aria-labelledby="([^"]+)"/g)];
    expect(pictures).toHaveLength(5);
    for (const id of pictures.flatMap(([, labels = '']) => labels.split(' '))) expect(ids).toContain(id);
  });

  it('draws numbers only: no coordinate is NaN or infinite', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('says what the facts say, in people’s numbers', () => {
    const text = textOf(page);
    for (const fact of [
      'Live in production',
      'quinn as qa (approved), olga as product-owner (approved)',
      'Brier skill over persistence; 95\u00a0% interval 0.05 to 0.17',
      'rain in production: 100\u00a0% of the requests since 2026-01-01 03:00:00 UTC',
      '2 of 3',
      'As of entry 1234 of the audit log',
      'OUT_OF_RANGE',
      'unique-days: 20 duplicates',
      'p &lt; 0.0001 · drift',
      'split = 1, train = 7',
      'The newest 2 of 57 entries',
    ]) {
      expect(text.replace(/\s*\n\s*| {2,}/g, ' '), fact).toContain(fact);
    }
  });

  it('puts the best candidate first and one without a score last', () => {
    const board = page.slice(page.indexOf('Leader board'));
    expect(board.indexOf('logistic-regression')).toBeLessThan(board.indexOf('random-forest'));
    expect(board.indexOf('random-forest')).toBeLessThan(board.indexOf('not defined'));
  });

  it('shows hostile names as the texts they are', () => {
    const hostile = renderReport(fullFacts(HOSTILE));
    expect(hostile).not.toContain('<script');
    expect(hostile).not.toContain('<img');
    expect(hostile).not.toContain('\u202e');
    expect(hostile.split('&lt;script&gt;').length).toBeGreaterThan(25);
    expect(markup(hostile).elements).toEqual(markup(page).elements);
    expect([...markup(hostile).attributes].filter((name) => name.startsWith('on'))).toEqual([]);
  });

  it('says of each thing that is not stored that it is missing, and claims nothing else', () => {
    const bare = renderReport(bareFacts());
    const text = textOf(bare);
    for (const words of [
      'nobody has asked for its release',
      'No lineage was recorded',
      'The dataset version is no longer stored',
      'No candidates are recorded',
      'The tracking run is not stored',
      'No evaluation report is stored',
      'Nobody has signed this version',
      'This version was never deployed',
      'No monitor watches',
      'No model card is stored',
      'The ledger has no entry',
    ]) {
      expect(text, words).toContain(words);
    }
    expect(bare).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(text).not.toContain('Live in production');
  });
});
