import { cardMetrics } from './card-metrics-rules.js';
import { humanKey, taskOf } from './card-rules.js';
import type { CardFacts } from './card-types.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The card in the schema of Google's Model Card Toolkit, v0.0.2: all values are texts and nothing is required, so that what is
 * not known is left out instead of filled in.
 *
 * @see https://github.com/tensorflow/model-card-toolkit/tree/main/model_card_toolkit/schema/v0.0.2
 */
export function googleCard(facts: CardFacts): Json {
  return pruned({
    schema_version: '0.0.2',
    model_details: modelDetails(facts),
    model_parameters: modelParameters(facts),
    quantitative_analysis: { performance_metrics: performanceMetrics(facts) },
    considerations: considerations(facts),
  }) as Json;
}

function modelDetails({ record, texts, run }: CardFacts): Json {
  const owner = texts[humanKey('Considerations', 'Owner')];
  const links = [record.link, run === null ? '' : `/api/v1/runs/${run.id}`].filter((link) => link !== '');
  return {
    name: record.model,
    overview: texts[humanKey('Intended use', 'Purpose')] ?? record.description,
    owners: owner === undefined ? [] : [{ name: owner }],
    version: {
      name: String(record.version),
      date: new Date(record.createdAtMs).toISOString().slice(0, 10),
      diff: record.packaged === null ? undefined : `sha256:${record.packaged.digest}`,
    },
    references: links.map((reference) => ({ reference })),
    path: record.filesRoot,
  };
}

function modelParameters({ record, run, datasets }: CardFacts): Json {
  const { packaged } = record;
  const signature = packaged?.signature;
  const split = packaged?.source.splitId;
  return {
    model_architecture: packaged?.source.trainer ?? run?.tags.estimator_name ?? record.flavours.join(', '),
    data: datasets.map(({ kind, id }) => ({
      name: `${kind} ${id}`,
      description: split == null ? undefined : `Split ${split}, trained on the part ${packaged?.source.trainPart}.`,
    })),
    input_format: signature?.inputs.map(({ name, type }) => `${name}: ${type}`).join(', '),
    input_format_map: signature?.inputs.map(({ name, type }) => ({ key: name, value: type })) ?? [],
    output_format: packaged === null ? undefined : taskOf(packaged),
    output_format_map: signature?.labels.map((label) => ({ key: label, value: 'probability' })) ?? [],
  };
}

function performanceMetrics(facts: CardFacts): Json {
  return cardMetrics(facts).map(({ name, value, slice, interval }) => ({
    type: name,
    value: String(value),
    slice: slice ?? undefined,
    confidence_interval:
      interval === null ? undefined : { lower_bound: String(interval.lower), upper_bound: String(interval.upper) },
  }));
}

function considerations({ texts }: CardFacts): Json {
  const said = (section: string, name: string) => {
    const text = texts[humanKey(section, name)];
    return text === undefined || text === '' ? [] : [{ description: text }];
  };
  const risks = texts[humanKey('Considerations', 'Risks and harms')];
  const limits = texts[humanKey('Intended use', 'Out of scope')];
  return {
    users: said('Intended use', 'Users'),
    use_cases: said('Intended use', 'Purpose'),
    limitations: [
      ...said('Considerations', 'Limitations'),
      ...(limits === undefined || limits === '' ? [] : [{ description: `Out of scope: ${limits}` }]),
    ],
    ethical_considerations: risks === undefined || risks === '' ? [] : [{ name: risks }],
  };
}

/** Without members that say nothing: undefined, empty texts, empty lists and objects. */
export function pruned(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.flatMap((item: Json) => pruned(item) ?? []);
    return items.length === 0 ? undefined : items;
  }
  const members = Object.entries(value).flatMap(([name, member]) => {
    const kept = pruned(member);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
