import { type EvaluationReport, type RegressionReport, skillOf } from '../../evaluation/index.js';
import type { CardField, ModelCard, ModelVersion } from '../registry-types.js';
import type { HumanTexts } from './card-formats.js';
import { cardMetrics, shownNumber } from './card-metrics-rules.js';
import type { CardFacts } from './card-types.js';

/** What only a person can say; shown as missing until somebody writes it. */
export const HUMAN_FIELDS: readonly { readonly section: string; readonly name: string }[] = [
  { section: 'Intended use', name: 'Purpose' },
  { section: 'Intended use', name: 'Users' },
  { section: 'Intended use', name: 'Out of scope' },
  { section: 'Considerations', name: 'Limitations' },
  { section: 'Considerations', name: 'Risks and harms' },
  { section: 'Considerations', name: 'Owner' },
];

export const humanKey = (section: string, name: string): string => `${section}/${name}`;

const MAX_SLICES = 5;

/** A card made of recorded facts and of what people wrote. Nothing is invented: an unknown fact is `missing`. */
export function buildCard(facts: CardFacts): ModelCard {
  const { record, texts } = facts;
  const fields = [
    ...modelFacts(facts),
    ...dataFacts(facts),
    ...environmentFacts(facts),
    ...qualityFacts(facts),
    ...humanFields(texts),
  ];
  const filled = fields.filter((field) => field.source !== 'missing').length;
  const card = {
    model: record.model,
    version: record.version,
    fields,
    completenessRatio: filled / fields.length,
  };
  return { ...card, markdown: toMarkdown(card) };
}

function fact(section: string, name: string, value: string | null | undefined): CardField {
  const known = value === undefined || value === '' ? null : value;
  return { section, name, value: known, source: known === null ? 'missing' : 'fact' };
}

function modelFacts({ record, run }: CardFacts): CardField[] {
  const { packaged } = record;
  const standing = [...record.aliases, ...(record.stage === 'None' ? [] : [record.stage])];
  return [
    fact('Model', 'Name and version', `${record.model} ${record.version}`),
    fact('Model', 'Description', record.description),
    fact('Model', 'Digest', packaged && `sha256:${packaged.digest}`),
    fact('Model', 'Files', record.filesRoot),
    fact('Model', 'Registered', `${new Date(record.createdAtMs).toISOString()} by ${record.createdBy}`),
    fact('Model', 'Standing', standing.length === 0 ? 'no alias or stage' : standing.join(', ')),
    fact('Model', 'Flavours', packaged === null || packaged.form === 'folder' ? record.flavours.join(', ') : 'onnx'),
    fact('Model', 'Trainer', packaged?.source.trainer ?? run?.tags.estimator_name),
    fact('Model', 'Parameters', parametersOf(packaged, run?.params ?? {})),
    fact('Model', 'Task', packaged && taskOf(packaged)),
    fact('Model', 'Inputs', packaged?.signature.inputs.map((input) => `${input.name} (${input.type})`).join(', ')),
    fact('Model', 'ONNX parity', packaged && parityOf(packaged)),
  ];
}

function parametersOf(packaged: ModelVersion | null, logged: Readonly<Record<string, string>>): string | null {
  const source = packaged?.source;
  const own = Object.entries(source?.params ?? {});
  if (own.length === 0 && typeof source?.trainer === 'string') return 'defaults';
  const params = own.length > 0 ? own : Object.entries(logged);
  return params.length === 0 ? null : params.map(([key, value]) => `${key} = ${value}`).join(', ');
}

export function taskOf({ signature: { task, target, labels } }: ModelVersion): string {
  return labels.length === 0 ? `${task} of ${target}` : `${task} of ${target}: ${labels.join(', ')}`;
}

function parityOf({ parity }: ModelVersion): string | null {
  return parity && `${parity.verdict}: largest difference ${parity.maxAbsDifference} over ${parity.rows} rows`;
}

function dataFacts({ record, datasets }: CardFacts): CardField[] {
  const source = record.packaged?.source;
  const runId = source?.trackingRunId ?? record.runId;
  const nearest = datasets.filter(({ kind }) => kind !== 'source');
  return [
    fact('Data', 'Dataset version', source?.datasetVersionId ?? nearest.map(({ id }) => id).join(', ')),
    fact('Data', 'Split', source?.splitId && `${source.splitId}, trained on the part ${source.trainPart}`),
    fact('Data', 'Tracking run', runId),
    fact('Data', 'Pipeline run', source?.pipelineRunId),
  ];
}

function environmentFacts({ run, environment }: CardFacts): CardField[] {
  const recorded = run?.environment ?? null;
  const git = recorded?.git ?? null;
  const commit = git?.commit ?? run?.tags['mlflow.source.git.commit'];
  const packages = environment?.packages?.length;
  return [
    fact('Environment', 'Code', commit && `commit ${commit}${git?.dirty === true ? ', with uncommitted changes' : ''}`),
    fact(
      'Environment',
      'Lock file',
      environment &&
        `${environment.name}${environment.digest === null ? '' : `, sha256:${environment.digest}`}${packages === undefined ? '' : `, ${packages} packages`}`,
    ),
    fact(
      'Environment',
      'Machine',
      recorded &&
        `node ${recorded.runtime.node}, ${recorded.runtime.os}, ${recorded.runtime.cores} × ${recorded.runtime.cpu}`,
    ),
  ];
}

function qualityFacts(facts: CardFacts): CardField[] {
  const { report } = facts;
  if (report === null) {
    const logged = cardMetrics(facts).map(({ name, value }) => `${name} = ${shownNumber(value)}`);
    return [
      fact('Quality', 'Evaluation', null),
      ...(logged.length === 0 ? [] : [fact('Quality', 'Metrics that its run logged', logged.join(', '))]),
    ];
  }
  const overall = cardMetrics(facts).filter(({ slice, name }) => slice === null && !/ over /.test(name));
  return [
    fact('Quality', 'Evaluated on', `${report.rows} rows of the part ${report.part}`),
    ...overall.map(({ name, value, interval }) =>
      fact('Quality', name, `${shownNumber(value)}${intervalText(interval)}`),
    ),
    ...(report.task === 'regression' ? [fact('Quality', 'Errors', errorsOf(report))] : []),
    fact('Quality', 'Skill over the strongest baseline', strongestSkill(report)),
    fact('Quality', 'Baselines', report.baselines.map(({ baseline }) => baseline).join(', ')),
    fact('Quality', 'Weakest slices', weakestOf(report)),
  ];
}

function intervalText(interval: { lower: number; upper: number; confidence: number } | null): string {
  if (interval === null) return '';
  const { lower, upper, confidence } = interval;
  return ` (${Number((confidence * 100).toPrecision(4))} % interval ${shownNumber(lower)} to ${shownNumber(upper)})`;
}

function errorsOf({ residuals }: RegressionReport): string {
  const { mean, standardDeviation, min, max } = residuals;
  return `mean ${shownNumber(mean)}, standard deviation ${shownNumber(standardDeviation)}, from ${shownNumber(min)} to ${shownNumber(max)}`;
}

function strongestSkill(report: EvaluationReport): string | null {
  const found = skillOf(report);
  if (found?.skill === undefined) return null;
  const name = found.name === 'Brier skill' ? '' : `${found.name} `;
  return `${name}${shownNumber(found.skill.estimate)} over ${report.strongestBaseline}${intervalText(found.skill)}`;
}

function weakestOf(report: EvaluationReport): string {
  const worst =
    report.task === 'regression'
      ? report.slices.map(({ slice, rmse, rows }) => `${slice}: RMSE ${shownNumber(rmse)} on ${rows} rows`)
      : report.slices.map(({ slice, brier, rows }) => `${slice}: Brier ${shownNumber(brier)} on ${rows} rows`);
  return worst.length === 0 ? 'none found' : worst.slice(0, MAX_SLICES).join('; ');
}

function humanFields(texts: HumanTexts): CardField[] {
  return HUMAN_FIELDS.map(({ section, name }) => {
    const key = humanKey(section, name);
    const value = Object.hasOwn(texts, key) && texts[key] !== '' ? (texts[key] ?? null) : null;
    return { section, name, value, source: value === null ? 'missing' : 'human' };
  });
}

function toMarkdown({ model, version, fields, completenessRatio }: Omit<ModelCard, 'markdown'>): string {
  const open = fields.filter(({ source }) => source === 'missing').map(({ section, name }) => `${section} / ${name}`);
  const lines = [
    `# Model card: ${escapeMarkdown(model)} ${version}`,
    '',
    `${Math.floor(completenessRatio * 100)} % complete.${open.length === 0 ? '' : ` Missing: ${open.join(', ')}.`}`,
  ];
  let section = '';
  for (const field of fields) {
    if (field.section !== section) {
      section = field.section;
      lines.push('', `## ${section}`, '');
    }
    const by = field.source === 'human' ? ' _(written by people)_' : '';
    lines.push(`- **${field.name}**: ${field.value === null ? '_missing_' : `${escapeMarkdown(field.value)}${by}`}`);
  }
  return `${lines.join('\n')}\n`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/([\\`*_<>[\]#|])/g, '\\$1').replaceAll('\n', ' ');
}
