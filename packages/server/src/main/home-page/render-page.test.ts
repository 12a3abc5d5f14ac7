import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../platform/http/index.js';
import type { Release } from '../../rooms/release/index.js';
import { emptyView, fullView, NOW_MS, release } from './home-page.fixture.js';
import type { HomePageView } from './home-page-types.js';
import { rolloutOf } from './release-page.fixture.js';
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
      'Release of v2 rolling out',
      'Beats rain: 0.10; required: &gt; 0',
      '2 of 6 columns drifted',
      'mean 14.2 → 21.9 (+1.6 sd)',
      'Waits for 1 signature: rain',
      'trial 2 of 5 rain · 40 %',
      'TRN_NO_ROWS',
      'Version2 Rows1\u202f461 Quarantine47',
      'v1 12\u202f345 0 3 0.8 ms 3.3 ms',
      'a shadow: gets copies',
      'in rain: v3',
      'connecting stream rain in rain: 50 messages answered, 1 dead letter, 1\u202f200 messages waiting · no route to rain',
      'rain.csv answered by rain v2',
      'SRV_BATCH_INPUT no column rain',
      '214 rain registered rain v2',
    ]) {
      expect(page).toContain(fact);
    }
  });

  it('links each model version to its report', () => {
    expect(render(fullView('a/b'))).toContain('href="/api/v1/models/a%2Fb/versions/2/report"');
  });

  it('links each release to its page, from its title and from the reason of a routing', () => {
    const [endpoint] = fullView().endpoints;
    if (endpoint?.routing == null) throw new Error('the fixture has an endpoint that serves');
    const id = '01a2014582ab776fa3c7f0bc76452e0e';
    const routing = { ...endpoint.routing, reason: `release ${id}: canary begins` };
    const page = render({ ...fullView(), endpoints: [{ ...endpoint, routing }] });
    expect(page).toContain('href="/releases/rel1"');
    expect(page).toContain(`canary begins (<a href="/releases/${id}">release</a>)`);
    expect(text(page)).not.toContain(id);
  });

  it('names the kind of a rollout, and who paused it why', () => {
    const paused = { by: 'ann', reason: 'a sale is on', sinceMs: NOW_MS };
    const shown = (rollout: Release['rollout']) =>
      text(
        render({ ...fullView(), releases: { waiting: [{ ...release('rain', 'rolling-out'), rollout }], recent: [] } }),
      );
    expect(shown(rolloutOf('rain'))).toContain('Canary, 20 % of the requests: 3 of 50 requests');
    expect(shown(rolloutOf('rain', { spec: { kind: 'shadow' }, weight: 0 }))).toContain(
      'Shadow, a copy of every request',
    );
    const page = shown(rolloutOf('rain', { paused }));
    for (const fact of ['1 rollout paused', 'rollout paused', 'Paused by ann just now: a sale is on']) {
      expect(page).toContain(fact);
    }
  });

  it('says where a release goes when that is not production', () => {
    const staged = { ...release('rain', 'released'), environment: 'staging' };
    expect(text(render({ ...fullView(), releases: { waiting: [], recent: [staged] } }))).toContain('rain in staging');
  });

  it('draws versions that answer at the same time one after the other', () => {
    const [endpoint] = fullView().endpoints;
    if (endpoint === undefined) throw new Error('the fixture has an endpoint with quality');
    const quality = endpoint.quality.map((window, i) => ({ ...window, version: 1 + (i % 2) }));
    const page = render({ ...fullView(), endpoints: [{ ...endpoint, quality }] });
    expect(text(page)).toContain('the versions answer at the same time');
    expect(page.match(/class="change"/g)?.length).toBe(2);
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
    .replace(/<\/(li|t[hd])>/g, ' ')
    .replace(/<[^>]+>/g, '')
    .replace(/[ \n]+/g, ' ');
}
