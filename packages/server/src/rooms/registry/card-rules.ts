import type { EvaluationReport } from '../evaluation/index.js';
import type { CardField, ModelCard, ModelVersion } from './registry-types.js';

/** What only a person can say; shown as missing until somebody writes it. */
export const HUMAN_FIELDS: readonly { readonly section: string; readonly name: string }[] = [
  { section: 'Intended use', name: 'Purpose' },
  { section: 'Intended use', name: 'Users' },
  { section: 'Intended use', name: 'Out of scope' },
  { section: 'Considerations', name: 'Limitations' },
  { section: 'Considerations', name: 'Risks and harms' },
  { section: 'Considerations', name: 'Owner' },
];

export type HumanTexts = Readonly<Record<string, string>>;

export const humanKey = (section: string, name: string): string => `${section}/${name}`;

/** A card made of recorded facts and of what people wrote. Nothing is invented: an unknown fact is `missing`. */
export function buildCard(version: ModelVersion, report: EvaluationReport | null, texts: HumanTexts): ModelCard {
  const fields = [...modelFacts(version), ...dataFacts(version), ...qualityFacts(report), ...humanFields(texts)];
  const filled = fields.filter((field) => field.source !== 'missing').length;
  return {
    model: version.model,
    version: version.version,
    fields,
    completenessRatio: filled / fields.length,
    markdown: toMarkdown(version, fields),
  };
}

function fact(section: string, name: string, value: string | null): CardField {
  return { section, name, value, source: value === null ? 'missing' : 'fact' };
}

function modelFacts(version: ModelVersion): CardField[] {
  const { signature, source } = version;
  const params = Object.entries(source.params).map(([key, value]) => `${key} = ${value}`);
  return [
    fact('Model', 'Name and version', `${version.model} ${version.version}`),
    fact('Model', 'Digest', `sha256:${version.digest}`),
    fact('Model', 'Registered', `${new Date(version.createdAtMs).toISOString()} by ${version.createdBy}`),
    fact('Model', 'Trainer', source.trainer),
    fact('Model', 'Parameters', params.length === 0 ? 'defaults' : params.join(', ')),
    fact('Model', 'Task', `${signature.task} of ${signature.target}: ${signature.labels.join(', ')}`),
    fact('Model', 'Inputs', signature.inputs.map((input) => `${input.name} (${input.type})`).join(', ')),
    fact(
      'Model',
      'ONNX parity',
      `${version.parity.verdict}: largest difference ${version.parity.maxAbsDifference} over ${version.parity.rows} rows`,
    ),
  ];
}

function dataFacts({ source }: ModelVersion): CardField[] {
  return [
    fact('Data', 'Dataset version', source.datasetVersionId),
    fact('Data', 'Split', `${source.splitId}, trained on the part ${source.trainPart}`),
    fact('Data', 'Tracking run', source.trackingRunId),
    fact('Data', 'Pipeline run', source.pipelineRunId),
  ];
}

function qualityFacts(report: EvaluationReport | null): CardField[] {
  if (report === null) return [fact('Quality', 'Evaluation', null)];
  const { scores, rows, part } = report;
  const strongest = report.baselines.find((comparison) => comparison.baseline === report.strongestBaseline);
  const skill = strongest?.brierSkill;
  const worst = report.slices[0];
  return [
    fact('Quality', 'Evaluated on', `${rows} rows of the part ${part}`),
    fact('Quality', 'Accuracy', scores.accuracy.toFixed(4)),
    fact('Quality', 'Brier score', scores.brier.toFixed(4)),
    fact('Quality', 'ROC AUC', scores.rocAuc.toFixed(4)),
    fact('Quality', 'Calibration error (ECE)', scores.ece.toFixed(4)),
    fact(
      'Quality',
      'Skill over the strongest baseline',
      skill === undefined
        ? null
        : `${skill.estimate.toFixed(4)} over ${report.strongestBaseline} (${skill.confidence * 100} % interval ${skill.lower.toFixed(4)} to ${skill.upper.toFixed(4)})`,
    ),
    fact(
      'Quality',
      'Weakest slice',
      worst === undefined ? 'none found' : `${worst.slice}: Brier ${worst.brier.toFixed(4)} on ${worst.rows} rows`,
    ),
  ];
}

function humanFields(texts: HumanTexts): CardField[] {
  return HUMAN_FIELDS.map(({ section, name }) => {
    const value = texts[humanKey(section, name)] ?? null;
    return { section, name, value, source: value === null ? 'missing' : 'human' };
  });
}

function toMarkdown(version: ModelVersion, fields: readonly CardField[]): string {
  const lines = [`# Model card: ${version.model} ${version.version}`];
  let section = '';
  for (const field of fields) {
    if (field.section !== section) {
      section = field.section;
      lines.push('', `## ${section}`, '');
    }
    lines.push(`- **${field.name}**: ${field.value === null ? '_missing_' : escapeMarkdown(field.value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/([\\`*_<>[\]#|])/g, '\\$1').replaceAll('\n', ' ');
}
