import { type Html, html } from '../../../../platform/http/index.js';
import type { CardField } from '../../../registry/index.js';
import { formatRatio } from '../format-values.js';
import { factList, missing, pill, section } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';

/** The model card: facts from records, words from people, and what nobody has written yet. */
export function cardSection({ card }: ReportFacts): Html {
  if (card === null) return section('card', 'Model card', missing('No model card is stored.'));
  const groups = [...new Set(card.fields.map((field) => field.section))];
  return section(
    'card',
    'Model card',
    html`<p>${formatRatio(card.completenessRatio, 0)} complete. Fields marked “missing” can only be written by people.</p>${groups.map(
      (group) =>
        html`<h3>${group}</h3>${factList(
          card.fields.filter((field) => field.section === group).map((field) => [field.name, shown(field)] as const),
        )}`,
    )}`,
  );
}

function shown({ value, source }: CardField): Html {
  if (source === 'missing' || value === null) return pill('warn', 'missing');
  return source === 'human' ? html`${value} <span class="note">written by a person</span>` : html`${value}`;
}
