import type { Verdict } from '@fairlead/kernel';
import { type Html, type HtmlValue, html } from '../../../platform/http/index.js';
import { shorten } from './format-values.js';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A word with a colour and a sign of its own, so that it reads without colour too. */
export function pill(tone: Tone, text: string): Html {
  const sign = { good: '✓', bad: '✕', warn: '!', plain: '·' }[tone];
  return html`<span class="pill ${tone}"><span aria-hidden="true">${sign}</span> ${text}</span>`;
}

export function verdictPill(verdict: Verdict): Html {
  return pill(verdict === 'pass' ? 'good' : verdict === 'fail' ? 'bad' : 'warn', verdict);
}

/** What is not there is said to be not there. */
export function missing(text: string): Html {
  return html`<p class="missing">${text}</p>`;
}

/** The beginning of a digest; the whole of it on hovering and in the chain of digests. */
export function digest(value: string | null | undefined): Html {
  if (value === null || value === undefined) return html`<span class="missing">none</span>`;
  return html`<code title="${value}">${shorten(value)}</code>`;
}

export function section(id: string, title: string, body: HtmlValue): Html {
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${body}</section>`;
}

export interface TableColumn {
  readonly head: string;
  readonly align?: 'right';
}

/** A table with a caption; `right` columns hold numbers. */
export function table(
  caption: string,
  columns: readonly (string | TableColumn)[],
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const shaped = columns.map((column): TableColumn => (typeof column === 'string' ? { head: column } : column));
  const side = (index: number) => (shaped[index]?.align === 'right' ? html` class="num"` : null);
  return html`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${shaped.map(
    ({ head }, index) => html`<th scope="col"${side(index)}>${head}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, index) => html`<td${side(index)}>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

export const num = (head: string): TableColumn => ({ head, align: 'right' });

/** Names and values, one per line. */
export function factList(facts: readonly (readonly [string, HtmlValue])[]): Html {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Numbers behind a chart, for those who do not see it or want more than it shows. */
export function behind(body: Html): Html {
  return html`<details><summary>The numbers of this chart</summary>${body}</details>`;
}
