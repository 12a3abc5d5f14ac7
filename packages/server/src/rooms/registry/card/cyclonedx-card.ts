import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import { cardMetrics } from './card-metrics-rules.js';
import { humanKey } from './card-rules.js';
import type { CardDataset, CardFacts, LockedPackage } from './card-types.js';
import { pruned } from './google-card-rules.js';

type Members = Readonly<Record<string, unknown>>;
type Json = Parameters<typeof pruned>[0];

/**
 * The version as an ML-BOM of CycloneDX 1.6: the model with its card, its files, the data it came from and the packages of
 * the training environment. Equal facts give equal bytes: the serial number is made of the content, the time stamp is when the
 * version was changed last.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function cyclonedxCard(facts: CardFacts, fairleadVersion: string): Members {
  const { record, datasets, environment } = facts;
  const packages = environment?.packages ?? [];
  const libraries = packages.map(library);
  const data = datasets.map(dataset);
  const content = {
    metadata: {
      timestamp: new Date(record.updatedAtMs).toISOString(),
      tools: { components: [{ type: 'application', name: 'fairlead', version: fairleadVersion }] },
      component: modelComponent(facts),
    },
    components: [...fileComponents(facts), ...data, ...environmentComponent(facts), ...libraries],
    dependencies: [
      {
        ref: 'model',
        dependsOn: [...data.map((component) => component['bom-ref']), ...(environment === null ? [] : ['environment'])],
      },
      ...(environment === null
        ? []
        : [{ ref: 'environment', dependsOn: libraries.map((component) => component['bom-ref']) }]),
    ],
  };
  const kept = pruned(content as unknown as Json) as Members;
  const digest = createHash('sha256').update(canonicalJson(kept)).digest('hex');
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuid(digest)}`, version: 1, ...kept };
}

/** A UUID of version 8 (RFC 9562): its bits are those of a digest. */
function uuid(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function modelComponent(facts: CardFacts): Members {
  const { record, run } = facts;
  const { packaged } = record;
  const flavours = packaged === null || packaged.form === 'folder' ? record.flavours : ['onnx'];
  return {
    type: 'machine-learning-model',
    'bom-ref': 'model',
    name: record.model,
    version: String(record.version),
    description: record.description,
    hashes: packaged === null ? [] : [sha256(packaged.digest)],
    properties: [
      ...flavours.map((flavour) => ({ name: 'fairlead:flavour', value: flavour })),
      ...record.aliases.map((alias) => ({ name: 'fairlead:alias', value: alias })),
      ...(record.stage === 'None' ? [] : [{ name: 'fairlead:stage', value: record.stage }]),
      ...(run === null ? [] : [{ name: 'fairlead:run', value: run.id }]),
      { name: 'fairlead:files', value: record.filesRoot },
    ],
    modelCard: modelCard(facts),
  };
}

function modelCard(facts: CardFacts): Members {
  const { record, run, datasets, texts } = facts;
  const { packaged } = record;
  const signature = packaged?.signature;
  const said = (section: string, name: string) => {
    const text = texts[humanKey(section, name)] ?? '';
    return text === '' ? [] : [text];
  };
  return {
    modelParameters: {
      // Every trainer of ours learns from labels but these; of a model from elsewhere nobody said.
      approach: signature === undefined ? undefined : { type: approachOf(signature.task) },
      task: signature?.task,
      modelArchitecture: packaged?.source.trainer ?? run?.tags.estimator_name,
      datasets: datasets.map((found) => ({ ref: refOf(found) })),
      inputs: signature?.inputs.map(({ name, type }) => ({ format: `${name}: ${type}` })),
      outputs: signature?.labels.map((label) => ({ format: `probability of ${label}` })),
    },
    quantitativeAnalysis: {
      performanceMetrics: cardMetrics(facts).map(({ name, value, slice, interval }) => ({
        type: name,
        value: String(value),
        slice: slice ?? undefined,
        confidenceInterval:
          interval === null ? undefined : { lowerBound: String(interval.lower), upperBound: String(interval.upper) },
      })),
    },
    considerations: {
      users: said('Intended use', 'Users'),
      useCases: said('Intended use', 'Purpose'),
      technicalLimitations: [
        ...said('Considerations', 'Limitations'),
        ...said('Intended use', 'Out of scope').map((text) => `Out of scope: ${text}`),
      ],
      ethicalConsiderations: said('Considerations', 'Risks and harms').map((name) => ({ name })),
    },
  };
}

function approachOf(task: string): 'supervised' | 'unsupervised' {
  return task === 'clustering' || task === 'anomaly' ? 'unsupervised' : 'supervised';
}

function fileComponents({ record }: CardFacts): Members[] {
  return (record.packaged?.files ?? []).map(({ path, digest }) => ({
    type: 'file',
    'bom-ref': `file:${path}`,
    name: path,
    hashes: [sha256(digest)],
  }));
}

const refOf = ({ kind, id }: CardDataset) => `${kind}:${id}`;

function dataset(found: CardDataset) {
  return {
    type: 'data',
    'bom-ref': refOf(found),
    name: `${found.kind} ${found.id}`,
    hashes: /^[0-9a-f]{64}$/.test(found.id) ? [sha256(found.id)] : [],
    data: [{ type: 'dataset', name: found.id }],
  };
}

function environmentComponent({ run, environment }: CardFacts): Members[] {
  if (environment === null) return [];
  const runtime = run?.environment?.runtime;
  const known = environment.packages !== null;
  return [
    {
      type: 'platform',
      'bom-ref': 'environment',
      name: 'training environment',
      description: known
        ? `Packages locked by ${environment.name}.`
        : `Locked by ${environment.name}, whose content is not kept here.`,
      hashes: environment.digest === null ? [] : [sha256(environment.digest)],
      properties:
        runtime === undefined
          ? []
          : [
              { name: 'fairlead:node', value: runtime.node },
              { name: 'fairlead:os', value: runtime.os },
              { name: 'fairlead:cpu', value: `${runtime.cores} × ${runtime.cpu}` },
            ],
    },
  ];
}

function library({ ecosystem, name, version, hash }: LockedPackage) {
  const purl = `pkg:${ecosystem}/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    hashes: hash === null ? [] : [{ alg: hash.algorithm, content: hash.content }],
  };
}

const sha256 = (content: string) => ({ alg: 'SHA-256', content });
