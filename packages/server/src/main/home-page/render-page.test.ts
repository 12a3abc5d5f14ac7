import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../platform/http/index.js';
import { emptyView, fullView, NOW_MS } from './home-page.fixture.js';
import type { HomePageView } from './home-page-types.js';
import { renderPage } from './render-page.js';

const HOSTILE = `"><script>alert('x')</script><img src=x onerror=alert(1)>\u202e`;

function render(view: HomePageView, refreshSeconds: number | null = 5): string {
  return renderHtml(renderPage(view, { nonce: 'n0nce', refreshSeconds }));
}

describe('the page', () => {
  it('escapes every name that people give', () => {
    const page = render(fullView(HOSTILE));
    expect(page).not.toMatch(/<script|<img|\u202e/);
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(25);
    // Hostile names change no tag: the page has exactly the tags of a page with harmless names.
    const tagsOf = (text: string) => text.match(/<\/?[a-z0-9]+/g);
    expect(tagsOf(page)).toEqual(tagsOf(render(fullView('rain'))));
  });

  it('has one style element with its nonce, no script and no inline style', () => {
    const page = render(fullView());
    expect(page.match(/<style[^>]*>/g)).toEqual(['<style nonce="n0nce">']);
    expect(page).not.toMatch(/<script|\sstyle=|\son[a-z]+=|javascript:/);
  });

  it('says what stands in every room', () => {
    const page = text(render(fullView()));
    for (const fact of [
      'v1 80 % v2 20 %',
      '1 alert open · 1 release to sign · 1 pipeline run under way',
      'v2 rolling out',
      '2 of 6 columns drifted',
      'mean 14.2 → 21.9 (+1.6 sd)',
      'Waits for 1 signature: rain',
      'trial 2 of 5 rain · 40 %',
      'TRN_NO_ROWS',
      'Version2 Rows1\u202f461 Quarantine47',
      '12\u202f345 requests, 0 errors, 3 refused inputs, p99 3.3 ms',
      '214 rain registered rain v2',
    ]) {
      expect(page).toContain(fact);
    }
  });

  it('links each model version to its report', () => {
    expect(render(fullView('a/b'))).toContain('href="/api/v1/models/a%2Fb/versions/2/report"');
  });

  it('gives the commands to begin with when nothing is declared', () => {
    const page = text(render(emptyView));
    expect(page).toContain('npx fairlead apply -f examples/port-weather/fairlead.yaml');
    expect(page).toContain('npm run demo');
    expect(page).not.toContain('All is well');
  });

  it('refreshes itself unless it is asked to hold still', () => {
    expect(render(emptyView)).toContain('<meta http-equiv="refresh" content="5">');
    expect(render(emptyView, null)).not.toContain('http-equiv');
  });

  it('draws windows without truth as gaps and a single window as a mark', () => {
    const view = fullView();
    const [endpoint] = view.endpoints;
    const first = endpoint?.quality[0];
    if (endpoint === undefined || first === undefined) throw new Error('the fixture has an endpoint with quality');
    const windows = [[first], [{ ...first, accuracy: null, brier: null }], []];
    for (const quality of windows) {
      const page = render({ ...view, endpoints: [{ ...endpoint, quality }] });
      expect(page).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('hides the audit log from readers whose roles do not open it', () => {
    expect(text(render({ ...fullView(), events: null }))).toContain('Your roles do not open the audit log.');
  });

  it('says since when, in words', () => {
    expect(text(render({ ...fullView(), atMs: NOW_MS + 3 * 3_600_000 }))).toContain('3 h ago');
  });
});

/** What a reader sees: without tags and the style sheet, blanks as one. */
function text(page: string): string {
  return page
    .replace(/<style.*<\/style>/s, '')
    .replace(/<\/li>/g, ' ')
    .replace(/<[^>]+>/g, '')
    .replace(/[ \n]+/g, ' ');
}
