import type { ActionRunView, DeclaredRuleSchema, RuleSpecSchema, RuleView, Wire } from '@fairlead/contracts';
import type { Page, Transport } from '../call-types.js';

export function rulesClient({ json }: Transport) {
  return {
    list: () => json<Page<RuleView>>('listRules'),
    get: (name: string) => json<RuleView>('getRule', { params: { name } }),
    declare: (name: string, spec: Wire<typeof RuleSpecSchema>) =>
      json<Wire<typeof DeclaredRuleSchema>>('declareRule', { params: { name }, body: spec }),
    /** What the rule would have done for an event of the past, without doing it. */
    rehearse: (name: string, eventSeq: number) =>
      json<Page<ActionRunView>>('rehearseRule', { params: { name }, body: { eventSeq } }),
    /** What rules did or held back, newest first. */
    runs: (query: { rule?: string; state?: ActionRunView['state']; limit?: number } = {}) =>
      json<Page<ActionRunView>>('listActionRuns', { query }),
    run: (id: string) => json<ActionRunView>('getActionRun', { params: { id } }),
  };
}
