import { describe, expect, it } from 'vitest';
import { html, renderHtml, trustedHtml } from './index.js';

describe('html', () => {
  it('escapes texts in elements and in quoted attributes', () => {
    const hostile = `"><script>alert('1')</script>&`;
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;';
    expect(renderHtml(html`<b title="${hostile}">${hostile}</b>`)).toBe(`<b title="${escaped}">${escaped}</b>`);
  });

  it('keeps pieces, joins lists and leaves out nothing', () => {
    const items = ['a<', 'b'].map((name) => html`<li>${name}</li>`);
    expect(renderHtml(html`<ul>${items}${null}${false}${undefined}</ul>${0}`)).toBe(
      '<ul><li>a&lt;</li><li>b</li></ul>0',
    );
    expect(renderHtml(html`${trustedHtml('<hr>')}`)).toBe('<hr>');
  });

  it('shows characters that no page may hold, or that turn the text around, as a replacement', () => {
    expect(renderHtml(html`${'a\u0000b\u202ec\ud800d\te'}`)).toBe('a\ufffdb\ufffdc\ufffdd\te');
  });
});
