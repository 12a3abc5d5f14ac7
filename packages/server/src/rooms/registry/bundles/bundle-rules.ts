import { registryErrors } from '../registry-errors.js';
import type { BundledSignature, BundleKind } from './bundle-types.js';

export type BundleCell = number | string | boolean | null;
export type BundleRow = Readonly<Record<string, BundleCell>>;

/** Where a file of a bundle comes from below `bundles/`. */
export const TEMPLATES: Readonly<Record<BundleKind, Readonly<Record<string, string>>>> = {
  docker: {
    Dockerfile: 'docker/Dockerfile',
    '.dockerignore': 'docker/dockerignore',
    'server.mjs': 'docker/server.mjs',
    'predictor.mjs': 'shared/predictor.mjs',
    'smoke.mjs': 'shared/smoke.mjs',
    'smoke-test.mjs': 'docker/smoke-test.mjs',
  },
  npm: {
    'index.mjs': 'npm/index.mjs',
    'index.d.mts': 'npm/index.d.mts',
    'predictor.mjs': 'shared/predictor.mjs',
    'smoke.mjs': 'shared/smoke.mjs',
    'smoke-test.mjs': 'npm/smoke-test.mjs',
  },
  serverless: {
    'handler.mjs': 'serverless/handler.mjs',
    'predictor.mjs': 'shared/predictor.mjs',
    'smoke.mjs': 'shared/smoke.mjs',
    'smoke-test.mjs': 'serverless/smoke-test.mjs',
  },
};

export function isBundleName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name);
}

/** @throws REG_BUNDLE_NAME */
export function checkBundleName(name: string): void {
  if (isBundleName(name)) return;
  throw registryErrors.REG_BUNDLE_NAME(`The name ${JSON.stringify(name)} cannot be that of a package and an image.`, {
    data: { name },
  });
}

/** The signature inside a package. @throws REG_BUNDLE_SIGNATURE */
export function parseBundledSignature(text: string | undefined): BundledSignature {
  const parsed = parseJson(text) as Partial<BundledSignature> | null;
  if (parsed !== null && typeof parsed === 'object' && Array.isArray(parsed.inputs) && Array.isArray(parsed.labels)) {
    return { task: 'classification', ...parsed } as BundledSignature;
  }
  throw registryErrors.REG_BUNDLE_SIGNATURE('The model says nothing of its inputs under `fairlead.signature`.');
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** Rows to remember answers of: low, middle and high values, what training never saw, and missing where it may be. */
export function goldenRows({ inputs }: BundledSignature): BundleRow[] {
  const at = (place: number) => Object.fromEntries(inputs.map((input) => [input.name, exampleOf(input, place)]));
  const middle = at(0.5);
  const unseen = inputs.map(({ name, type }) => [name, type === 'string' ? 'never seen in training' : middle[name]]);
  const missing = inputs.map(({ name, nullable }) => [name, nullable ? null : middle[name]]);
  return [at(0), middle, at(1), Object.fromEntries(unseen), Object.fromEntries(missing)];
}

function exampleOf(input: BundledSignature['inputs'][number], place: number): BundleCell {
  const { type, min = 0, max = 1, categories = [] } = input;
  switch (type) {
    case 'string': {
      const known = categories.filter((category) => category !== '');
      return known[Math.round(place * (known.length - 1))] ?? 'text';
    }
    case 'boolean':
      return place > 0.5;
    default: {
      const value = Math.fround(min + place * (max - min));
      return type === 'number' ? value : Math.round(value);
    }
  }
}

/** package.json of a bundle. `runtime` is the version of ONNX Runtime that made the golden answers. */
export function packageJsonOf(
  kind: BundleKind,
  { name, runtime, digest }: { name: string; runtime: string; digest: string },
): Record<string, unknown> {
  const common = {
    name,
    version: '1.0.0',
    description: `Model sha256:${digest}, packaged by Fairlead`,
    type: 'module',
    scripts: { ...(kind === 'docker' && { start: 'node server.mjs' }), test: 'node smoke-test.mjs' },
    dependencies: { [kind === 'npm' ? 'onnxruntime-web' : 'onnxruntime-node']: runtime },
  };
  if (kind !== 'npm') return { ...common, private: true };
  return {
    ...common,
    exports: { '.': { types: './index.d.mts', default: './index.mjs' }, './model.onnx': './model.onnx' },
    files: ['index.mjs', 'index.d.mts', 'predictor.mjs', 'signature.mjs', 'model.onnx'],
  };
}

/** README.md of a bundle. */
export function readmeOf(kind: BundleKind, { name, digest }: { name: string; digest: string }): string {
  const use = {
    docker: `\`\`\`sh
docker build -t ${name} .
docker run --rm -p 8080:8080 ${name}
curl -s localhost:8080/predict -H 'content-type: application/json' -d '{"rows": [{…}]}'
\`\`\`

GET /signature names the inputs, GET /livez and /readyz are for probes. Without Docker: \`npm install && npm start\`.`,
    npm: `\`\`\`js
import { load } from '${name}';
const { predict } = await load();
await predict([{ … }]);
\`\`\`

In a bundler that does not follow \`new URL('./model.onnx', import.meta.url)\`, give the address: \`load({ model: '/model.onnx' })\`.`,
    serverless: `Zip this folder after \`npm install --omit=dev --ignore-scripts\`; the handler is \`handler.handler\`. It takes
\`{"rows": [{…}]}\` or an HTTP event with that body.`,
  }[kind];
  return `# ${name}

Model sha256:${digest}. \`signature.${kind === 'npm' ? 'mjs' : 'json'}\` names its inputs and labels, \`manifest.json\` the digest of every file.

${use}

\`npm install --ignore-scripts && npm test\` asks the questions of \`golden.json\` and compares the answers.
`;
}
