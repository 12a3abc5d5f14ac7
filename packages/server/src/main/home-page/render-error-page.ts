import { type ErrorPages, type Html, html } from '../../platform/http/index.js';
import { fairleadVersion } from '../version.js';
import { renderShell } from './page-shell.js';

/** What browsers are told in the place of a page below `/releases`. An address that cannot be read names no page either. */
export const errorPages: ErrorPages = {
  prefixes: ['/releases'],
  presentError: ({ status, ...error }, { nonce }) => ({
    status: status === 400 ? 404 : status,
    page: renderErrorPage(error, { nonce, isMissing: status === 400 || status === 404 }),
  }),
};

interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly id: string;
}

function renderErrorPage(
  { code, message, remedy, id }: ShownError,
  { nonce, isMissing }: { nonce: string; isMissing: boolean },
): Html {
  const heading = isMissing ? 'There is no such page' : 'This page cannot be shown';
  return renderShell({
    title: `${heading} – Fairlead`,
    nonce,
    refreshSeconds: null,
    condition: false,
    main: html`<section class="card welcome" aria-labelledby="error"><h1 id="error">${heading}</h1>
  <p>${message}</p>
  <p>${remedy}</p>
  <p><a href="/">To the first page</a></p>
  <p class="meta">${code}</p></section>`,
    footer: html`Fairlead ${fairleadVersion} · error <code>${id}</code>`,
  });
}
