import { asciiLower } from './tokenise.js';

/**
 * The spellings under which a token may arrive after its A–Z were lower-cased, whatever the runtime does to other
 * letters: as it is, all lower, capitalised and all upper. Mixed spellings of letters beyond A–Z are not found.
 */
export function caseVariants(token: string): string[] {
  const [first = ''] = token;
  const spellings = [token, token.toUpperCase(), first.toUpperCase() + token.slice(first.length)];
  const variants = spellings.map(asciiLower).filter((spelling) => spelling.toLowerCase() === token.toLowerCase());
  return [...new Set([...variants, token])];
}
