import type { Params } from '../trainers/param-types.js';
import type { StudyEvent, StudySpec, StudyVerdict } from './search-types.js';
import { planStudy } from './study-plan.js';
import { createStudyState } from './study-state.js';
import { createSuggester } from './suggest.js';

type Failure = Extract<StudyVerdict, { verdict: 'fail' }>;
type Suggested = Extract<StudyEvent, { type: 'suggested' }>;

/**
 * Derives every suggestion and every pruning decision of a log anew, also of a study that ran in parallel: each
 * suggestion from the events that it had seen. One pass over the log, with the suggestions sorted by what they saw, so
 * that no prefix is read twice.
 *
 * @throws NUM_SEARCH_SPACE, NUM_RANGE or NUM_STUDY when the specification itself cannot be used; what is wrong with the
 * log is a verdict.
 */
export function verifyStudy(spec: StudySpec, events: readonly StudyEvent[]): StudyVerdict {
  const plan = planStudy(spec);
  const state = createStudyState(plan);
  const suggester = createSuggester(plan);
  const failures: Failure[] = [];
  const suggestions: Suggested[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type !== 'suggested') continue;
    if (Number.isSafeInteger(event.seen) && event.seen >= 0 && event.seen <= index) suggestions.push(event);
    else
      failures.push(logFailure(event, `it says to have seen ${event.seen} events, but only ${index} came before it`));
  }
  suggestions.sort((a, b) => a.seen - b.seen);

  let [asked, pruningDecisions] = [0, 0];
  for (let seen = 0; seen <= events.length; seen++) {
    for (; asked < suggestions.length && suggestions[asked].seen === seen; asked++) {
      const { trial, params: logged } = suggestions[asked];
      const derived = suggester(state, trial);
      if (!sameParams(logged, derived)) failures.push({ verdict: 'fail', trial, what: 'suggestion', logged, derived });
    }
    if (seen === events.length) break;
    const event = events[seen];
    try {
      const derived = state.apply(event);
      if (event.type !== 'reported') continue;
      pruningDecisions++;
      const { trial, step, prune: logged } = event;
      if (derived !== logged) failures.push({ verdict: 'fail', trial, what: 'pruning', step, logged, derived });
    } catch (error) {
      // Nothing after an impossible event can be derived.
      failures.push(logFailure(event, error instanceof Error ? error.message : String(error)));
      break;
    }
  }
  if (failures.length === 0) return { verdict: 'pass', suggestions: suggestions.length, pruningDecisions };
  return failures.reduce((first, failure) => (failure.trial < first.trial ? failure : first));
}

function logFailure(event: StudyEvent, problem: string): Failure {
  return { verdict: 'fail', trial: event.trial, what: 'log', problem };
}

function sameParams(logged: Params, derived: Params | null): boolean {
  if (derived === null) return false;
  const names = Object.keys(derived);
  return (
    names.length === Object.keys(logged).length &&
    names.every((name) => Object.hasOwn(logged, name) && logged[name] === derived[name])
  );
}
