import { type Clock, systemClock } from '@fairlead/kernel';
import { Type } from 'typebox';
import { type App, actorOf, allowStyleNonce, renderHtml } from '../../platform/http/index.js';
import { can, requireCan } from '../../platform/identity/index.js';
import type { HomePageView } from './home-page-types.js';
import { type HomePageRooms, readHomePage } from './home-page-view.js';
import { type ReleasePageRooms, readReleasePage } from './release-page-view.js';
import { renderPage } from './render-page.js';
import { renderReleasePage } from './render-release-page.js';

// Pages refresh themselves; however many are open, the rooms are asked this often.
const KEEP_MS = 1_000;
const REFRESH_SECONDS = 5;

interface PageDeps {
  readonly rooms: HomePageRooms & ReleasePageRooms;
  readonly clock?: Clock;
}

/**
 * The page at `/`: what runs, what serves, what waits and what is wrong; it refreshes itself unless `?static`. At `/releases/{id}`
 * one release with its evidence and what can be done about it. No scripts.
 */
export function homePageRoutes({ rooms, clock = systemClock }: PageDeps) {
  const read = keepBriefly((withAudit) => readHomePage(rooms, { clock, withAudit }), clock);
  return async (app: App): Promise<void> => {
    app.get(
      '/',
      { schema: { hide: true, querystring: Type.Object({ static: Type.Optional(Type.String({ maxLength: 10 })) }) } },
      async (request, reply) => {
        const actor = actorOf(request);
        requireCan(actor, 'report:read');
        const view = await read(can(actor, 'audit:read'));
        const refreshSeconds = request.query.static === undefined ? REFRESH_SECONDS : null;
        const nonce = allowStyleNonce(reply);
        return reply.type('text/html; charset=utf-8').send(renderHtml(renderPage(view, { nonce, refreshSeconds })));
      },
    );
    app.get(
      '/releases/:id',
      { schema: { hide: true, params: Type.Object({ id: Type.String({ maxLength: 100 }) }) } },
      async (request, reply) => {
        requireCan(actorOf(request), 'release:read');
        const view = await readReleasePage(rooms, { id: request.params.id, clock });
        const page = renderReleasePage(view, { nonce: allowStyleNonce(reply) });
        return reply.type('text/html; charset=utf-8').send(renderHtml(page));
      },
    );
  };
}

/** One reading at a time per kind of reader, shared by whoever asks within a second of its start. */
function keepBriefly(read: (withAudit: boolean) => Promise<HomePageView>, clock: Clock) {
  const kept = new Map<boolean, { sinceMs: number; view: Promise<HomePageView> }>();
  return (withAudit: boolean): Promise<HomePageView> => {
    const found = kept.get(withAudit);
    if (found !== undefined && clock.nowMs() - found.sinceMs < KEEP_MS) return found.view;
    const view = read(withAudit);
    kept.set(withAudit, { sinceMs: clock.nowMs(), view });
    view.catch(() => kept.delete(withAudit));
    return view;
  };
}
