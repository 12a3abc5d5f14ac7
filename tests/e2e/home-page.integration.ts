import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyView, fullView } from '../../packages/server/src/main/home-page/home-page.fixture.js';
import { releaseView, rolloutOf } from '../../packages/server/src/main/home-page/release-page.fixture.js';
import { renderPage } from '../../packages/server/src/main/home-page/render-page.js';
import { renderReleasePage } from '../../packages/server/src/main/home-page/render-release-page.js';
import { startServer } from '../../packages/server/src/main/start.js';
import { openTestServer } from '../../packages/server/src/platform/http/http.fixture.js';
import { type App, allowStyleNonce, renderHtml } from '../../packages/server/src/platform/http/index.js';
import { openBrowser } from '../harness/open-browser.js';

const WIDTHS = [1360, 900, 400];
const SCHEMES = ['light', 'dark'] as const;

describe('the page in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-page-'));
  let app: App;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
    ({ app } = await openTestServer());
    for (const [path, view] of Object.entries({ full: fullView('rain'), empty: emptyView })) {
      app.get(`/${path}`, async (_, reply) => {
        const page = renderPage(view, { nonce: allowStyleNonce(reply), refreshSeconds: null });
        return reply.type('text/html; charset=utf-8').send(renderHtml(page));
      });
    }
    app.get('/release', async (_, reply) => {
      const view = releaseView('rain', { state: 'rolling-out', rollout: rolloutOf('rain') });
      return reply
        .type('text/html; charset=utf-8')
        .send(renderHtml(renderReleasePage(view, { nonce: allowStyleNonce(reply) })));
    });
    url = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['full', 'empty', 'release'])(
    '%s: fits every width in both schemes, readable, without a complaint',
    async (path) => {
      for (const colorScheme of SCHEMES) {
        for (const width of WIDTHS) {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
          const complaints: string[] = [];
          page.on('console', (message) => complaints.push(message.text()));
          page.on('pageerror', (error) => complaints.push(String(error)));
          await page.goto(`${url}/${path}`);
          const file = join(folder, `${path}-${colorScheme}-${width}.png`);
          await page.screenshot({ path: file, fullPage: true });
          expect(statSync(file).size).toBeGreaterThan(10_000);
          const found = await page.evaluate(measure);
          expect({ complaints, overflowPx: found.overflowPx, faint: found.faint }).toEqual({
            complaints: [],
            overflowPx: 0,
            faint: [],
          });
          expect(found.columns).toBe(path !== 'full' || width <= 1100 ? 1 : 2);
          await page.close();
        }
      }
    },
  );

  it('is what a real server answers at /, under a policy that allows no script', async () => {
    const home = join(folder, 'home');
    const server = await startServer({ flags: { home, port: 0, logLevel: 'silent' }, env: {}, cwd: folder });
    try {
      const answer = await fetch(`${server.url}/`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self'.*style-src 'self' 'nonce-/);
      const page = await browser.newPage();
      const heading = () => page.getByRole('heading', { level: 1 }).textContent();
      await page.goto(`${server.url}/?static`);
      expect(await page.title()).toBe('Fairlead');
      expect(await heading()).toBe('Nothing is declared here yet');
      expect((await page.goto(`${server.url}/releases/unknown`))?.status()).toBe(404);
      expect(await heading()).toBe('There is no such page');
      await page.getByRole('link', { name: 'To the first page' }).click();
      expect(await heading()).toBe('Nothing is declared here yet');
      await page.close();
    } finally {
      await server.stop();
    }
  });

  /** Runs in the browser: what sticks out, how many columns stand side by side, texts below the 4.5 of WCAG 2.2 AA. */
  function measure() {
    const channels = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (rgb: number[]) => {
      const [r = 0, g = 0, b = 0] = rgb.map((c) =>
        c <= 10.31475 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): number[] => {
      if (element === null) return [255, 255, 255];
      const colour = channels(getComputedStyle(element).backgroundColor);
      return colour[3] === 0 ? behind(element.parentElement) : colour.slice(0, 3);
    };
    const faint: string[] = [];
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      if (!own || element.closest('svg, .unseen, .skip, style') !== null) continue;
      const [a, b] = [luminance(channels(getComputedStyle(element).color).slice(0, 3)), luminance(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5)
        faint.push(`${element.className} ${ratio.toFixed(2)}: ${element.textContent?.trim().slice(0, 40)}`);
    }
    const lefts = new Set(
      [...document.querySelectorAll('.card')].map((card) => Math.round(card.getBoundingClientRect().left)),
    );
    return { overflowPx: Math.max(0, document.documentElement.scrollWidth - innerWidth), columns: lefts.size, faint };
  }
});
