import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'able amber brave breezy bright brisk calm clear cosy crisp curious deft eager early fair fleet fresh gentle glad golden handy hardy honest keen kind light lively lucid mellow merry mild neat nimble noble open patient plain polar proud quick quiet ready salty silent silver smooth snowy spry stately steady sunny swift tidy trim upbeat vivid warm wise'.split(
    ' ',
  );
const NOUNS =
  'anchor beacon bell bow breeze brig buoy canal cape coast cod compass cove crane crew current cutter deck dock dolphin eider ferry fjord gale gannet gull harbour heron isle jetty keel ketch lagoon lantern lighthouse loft mast mooring oar otter pelican pier pilot plover quay raft reef rudder sail schooner seal shoal sloop sound spray squall star tern tide vessel wave wharf'.split(
    ' ',
  );

/** A name for a run or a model that nobody named: adjective-noun-NNN, as MLflow's users know them. */
export function suggestName(): string {
  const pick = (words: readonly string[]) => words[randomInt(words.length)];
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${randomInt(1000)}`;
}
