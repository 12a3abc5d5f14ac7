import type { ModelCard } from '../../registry/index.js';
import { defineGate } from './define-gate.js';
import type { GateSpecOf } from './gate-types.js';

/** What the card says now; who writes it on afterwards changes nothing in the gate report. */
export const documentationGate = defineGate<GateSpecOf<'documentation'>, ModelCard>({
  kind: 'documentation',
  version: 1,
  measure: ({ deps, version }) => deps.registry.card(version.model, version.version),
  judge: ({ minCompleteness = 0, fields = [] }, card) => {
    const named = (field: ModelCard['fields'][number]) => `${field.section}/${field.name}`;
    const missing = card.fields.filter(({ source }) => source === 'missing').map(named);
    const written = new Set(card.fields.filter(({ source }) => source !== 'missing').map(named));
    const wanted = fields.filter((field) => !written.has(field));
    const filled = Math.round(card.completenessRatio * 1e3) / 10;
    return {
      title: 'Documentation',
      verdict: wanted.length === 0 && card.completenessRatio >= minCompleteness ? 'pass' : 'fail',
      observed: `${filled} % of the model card is filled${wanted.length === 0 ? '' : `; missing: ${wanted.join(', ')}`}`,
      required: [`at least ${minCompleteness * 100} %`, ...fields].join(', '),
      evidence: { completenessRatio: card.completenessRatio, missing },
    };
  },
});
