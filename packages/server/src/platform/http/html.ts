const TEXT = Symbol('html');

/** A piece of HTML that is safe to send: every text in it was escaped. Only {@link html} and {@link trustedHtml} make one. */
export interface Html {
  readonly [TEXT]: string;
}

/** What may stand in a template: texts and numbers are escaped, pieces are not, lists are joined, nothing stays nothing. */
export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[];

/**
 * Writes HTML: whatever is put in is escaped for elements and quoted attributes.
 *
 * @example renderHtml(html`<b title="${'"'}">${'<i>'}</b>`) // <b title="&quot;">&lt;i&gt;</b>
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { [TEXT]: strings.reduce((text, part, i) => text + valueText(values[i - 1]) + part) };
}

/** HTML that this program wrote itself, for example a style sheet. Never for anything that came from outside. */
export function trustedHtml(text: string): Html {
  return { [TEXT]: text };
}

/** The text of a finished piece. */
export function renderHtml(piece: Html): string {
  return piece[TEXT];
}

function valueText(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return TEXT in value ? value[TEXT] : value.map(valueText).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Characters no HTML document may hold, and those that turn the direction of the text around them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to take out
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/gu;

function escapeText(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
