import { type Html, html, trustedHtml } from '../../platform/http/index.js';
import { PAGE_STYLE } from './page-style.js';

export interface PageShell {
  readonly title: string;
  /** Allows the one style element under the page's content security policy. */
  readonly nonce: string;
  /** Null: the page stands still. */
  readonly refreshSeconds: number | null;
  /** What stands beside the name of the program. */
  readonly condition: Html | false;
  readonly main: Html;
  readonly footer: Html;
}

// A ring that holds a line: the fairlead itself.
const LOGO =
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path d="M1 25C9 25 9 16 16 16s8-9 15-9"/><circle cx="16" cy="16" r="8"/></svg>';
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%230b7285' stroke-width='3'%3E%3Cpath d='M1 25C9 25 9 16 16 16s8-9 15-9'/%3E%3Ccircle cx='16' cy='16' r='9'/%3E%3C/svg%3E";

/** What every page has around its content. */
export function renderShell({ title, nonce, refreshSeconds, condition, main, footer }: PageShell): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds !== null && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style nonce="${nonce}">${trustedHtml(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header class="top">
  <a class="brand" href="/">${trustedHtml(LOGO)}<span>Fairlead</span></a>
  ${condition}
  <nav aria-label="Elsewhere">
    <a href="/api/docs">API documents</a><a href="/api/openapi.json">OpenAPI</a><a href="/metrics">Metrics</a>
  </nav>
</header>
<main id="main">${main}</main>
<footer>${footer}</footer>
</body>
</html>
`;
}
