import type { RoutingTable } from '../serving-types.js';

/** `rain@3` → version 3, `rain@champion` → the alias, `rain` → the newest version. */
export function parseModelRef(text: string): { readonly name: string; readonly ref: string } {
  const at = text.lastIndexOf('@');
  return at > 0 ? { name: text.slice(0, at), ref: text.slice(at + 1) } : { name: text, ref: 'latest' };
}

/**
 * Who answers a batch: of those that get requests the one that was deployed first. In the middle of a rollout that is the stable
 * version, whatever share the candidate has; a bandit of many versions names it last.
 *
 * @param entries as routing tables have them
 */
export function stableEntry(entries: RoutingTable['entries']): RoutingTable['entries'][number] | undefined {
  return entries.filter(({ weight }) => weight > 0).at(-1);
}
