import type { CardFormat } from './card-formats.js';

const FORMATS: Readonly<Record<string, CardFormat | 'card'>> = {
  'application/json': 'card',
  'text/markdown': 'markdown',
  'text/html': 'html',
  'application/vnd.cyclonedx+json': 'cyclonedx',
};

/**
 * The format that an `Accept` header likes best of those there are; undefined, our own JSON, when it names none or prefers
 * that. Google's schema is plain JSON to a header, so only `?format=json` asks for it.
 */
export function acceptedFormat(accept: string | undefined): CardFormat | undefined {
  let best: { format: CardFormat | 'card'; quality: number } = { format: 'card', quality: 0 };
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
    const said = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = said === undefined ? 1 : Number(said.slice(2));
    if (format !== undefined && quality > best.quality) best = { format, quality };
  }
  return best.format === 'card' ? undefined : best.format;
}
