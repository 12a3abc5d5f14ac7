import type { Ordering } from '../../../platform/search/index.js';
import { mlflowErrors } from '../mlflow-errors.js';
import { type Token, tokenise } from './tokenise.js';
import { resolveName, type Vocabulary } from './vocabulary.js';

/** The order that clauses such as "metrics.`a b` DESC" ask for. Throws MLF_FILTER_INVALID. */
export function parseOrder<Field extends string>(
  clauses: readonly string[],
  vocabulary: Vocabulary<Field>,
): Ordering<Field>[] {
  return clauses.map((clause) => {
    const [name, direction, ...rest] = tokenise(clause);
    const word = direction?.text.toLowerCase() ?? 'asc';
    if (name?.key === undefined || rest.length > 0) throw orderProblem(clause, 'Could not be parsed');
    if (direction?.kind === 'quoted' || (word !== 'asc' && word !== 'desc')) {
      throw orderProblem(clause, 'Invalid ordering key, expected ASC or DESC');
    }
    return { ...fieldOf(clause, name, vocabulary), direction: word };
  });
}

function fieldOf<Field extends string>(
  clause: string,
  { group, key = '' }: Token,
  vocabulary: Vocabulary<Field>,
): Pick<Ordering<Field>, 'field' | 'key'> {
  const resolved = resolveName(vocabulary, group === undefined ? { key } : { group, key }, 'order');
  if ('problem' in resolved) throw orderProblem(clause, resolved.problem);
  const { rule } = resolved;
  return resolved.key === undefined ? { field: rule.field } : { field: rule.field, key: resolved.key };
}

function orderProblem(clause: string, what: string): Error {
  const shown = clause.length > 100 ? `${clause.slice(0, 100)}…` : clause;
  return mlflowErrors.MLF_FILTER_INVALID(`Invalid order_by clause '${shown}'. ${what}.`);
}
