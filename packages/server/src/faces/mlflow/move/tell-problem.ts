import { isFairleadError } from '@fairlead/kernel';
import type { SourceProblem } from './import-source.js';

/** Hands problems of single records on, so that the rest can go on. */
export interface Tell {
  /** Runs `work`; a MOVE_ error of it is told and gives undefined, any other is thrown. */
  around<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** The same for work that is done at once. */
  attempt<T>(work: () => T): T | undefined;
  /** A name or link that is not followed. */
  refused(place: string, why: string): void;
  broken(place: string, why: string): void;
  elsewhere(place: string, why: string): void;
}

export function createTell(onProblem: (problem: SourceProblem) => void): Tell {
  const say = (code: string) => (place: string, why: string) => onProblem({ code, place, message: `${place} ${why}.` });
  const hand = (error: unknown): undefined => {
    if (!isFairleadError(error) || !error.code.startsWith('MOVE_')) throw error;
    const { code, message, data } = error;
    onProblem({ code, place: typeof data.place === 'string' ? data.place : '', message });
  };
  const broken = say('MOVE_RECORD_BROKEN');
  return {
    refused: say('MOVE_PATH_REFUSED'),
    elsewhere: say('MOVE_ARTIFACTS_ELSEWHERE'),
    broken: (place, why) => broken(place, `cannot be read: ${why}`),
    around: async (work) => {
      try {
        return await work();
      } catch (error) {
        return hand(error);
      }
    },
    attempt: (work) => {
      try {
        return work();
      } catch (error) {
        return hand(error);
      }
    },
  };
}
