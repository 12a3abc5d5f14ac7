import type { Verdict } from '@fairlead/kernel';
import { counted } from '../measure-words.js';
import { defineGate, type Judgement } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';

export const contractGate = defineGate<
  GateSpecOf<'contract'>,
  Pick<GateRoom, 'deliveries'> & { readonly datasetVersionId: string | null }
>({
  kind: 'contract',
  version: 1,
  measure: ({ deliveries, version }) => ({ deliveries, datasetVersionId: version.source.datasetVersionId }),
  judge: (_, { deliveries, datasetVersionId }): Judgement => {
    const rejected = deliveries.reduce((sum, delivery) => sum + delivery.rejectedRows, 0);
    const received = deliveries.reduce((sum, delivery) => sum + delivery.receivedRows, 0);
    const bad = deliveries.filter((delivery) => delivery.outcome === 'refused');
    const all = counted(deliveries.length, 'delivery', 'deliveries');
    const outcome = bad.length === 0 ? `${all} accepted` : `${bad.length} of ${all} refused`;
    const verdict: Verdict = deliveries.length === 0 ? 'insufficient' : bad.length === 0 ? 'pass' : 'fail';
    return {
      title: 'Data contract',
      verdict,
      observed: `${outcome}, ${rejected} of ${counted(received, 'row')} in quarantine`,
      required: 'every delivery behind the training data was accepted under its contract',
      evidence: { datasetVersionId, deliveries: deliveries.map((delivery) => delivery.id) },
    };
  },
});
