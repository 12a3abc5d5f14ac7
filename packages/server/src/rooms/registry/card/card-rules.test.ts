import { describe, expect, it } from 'vitest';
import { acceptedFormat } from './accepted-format-rules.js';
import { everythingKnown, nothingKnown } from './card.fixture.js';
import { buildCard, HUMAN_FIELDS } from './card-rules.js';
import { googleCard } from './google-card-rules.js';
import { htmlCard } from './html-card.js';
import { lockedPackages } from './lock-rules.js';

describe('a model card', () => {
  const full = buildCard(everythingKnown);
  const empty = buildCard(nothingKnown);
  const shown = (card: typeof full, name: string) => card.fields.find((field) => field.name === name)?.value;

  it('counts only filled fields as complete and names those that are not', () => {
    for (const card of [full, empty]) {
      const missing = card.fields.filter((field) => field.source === 'missing').length;
      expect(card.completenessRatio).toBeCloseTo(1 - missing / card.fields.length, 12);
    }
    expect(full.completenessRatio).toBe(1);
    expect(full.markdown).toContain('100 % complete.\n');
    expect(empty.completenessRatio).toBeLessThan(0.4);
    for (const { section, name } of HUMAN_FIELDS) expect(empty.markdown).toContain(`${section} / ${name}`);
    expect(empty.markdown).toContain('- **Evaluation**: _missing_');
  });

  it('says what is recorded: figures with their intervals, baselines, slices, code, packages and standing', () => {
    expect(shown(full, 'Accuracy')).toBe('0.81 (95 % interval 0.76 to 0.86)');
    expect(shown(full, 'Skill over the strongest baseline')).toBe('0.31 over persistence (95 % interval 0.26 to 0.36)');
    expect(full.fields.some(({ name }) => name === 'Average precision')).toBe(false);
    expect(shown(full, 'Weakest slices')).toContain('Brier 0.21 on 40 rows');
    expect(shown(full, 'Code')).toBe(`commit ${'a'.repeat(40)}, with uncommitted changes`);
    expect(shown(full, 'Lock file')).toContain('2 packages');
    expect(shown(full, 'Standing')).toBe('champion, Production');
    expect(full.fields.find(({ name }) => name === 'Purpose')?.source).toBe('human');
    expect(full.markdown).toContain('Plan \\<b\\>cranes\\</b\\>');
  });

  it('of a version from elsewhere has what its run said, and invents nothing', () => {
    const card = buildCard({ ...nothingKnown, run: everythingKnown.run });
    expect(shown(card, 'Flavours')).toBe('python_function, sklearn');
    expect(shown(card, 'Metrics that its run logged')).toBe('loss = 0.5');
    expect(shown(card, 'Parameters')).toBe('depth = 4');
    expect(shown(card, 'Digest')).toBeNull();
    expect(shown(card, 'Task')).toBeNull();
  });

  it('is one HTML file with nothing to load or to run, and shows every text as text', () => {
    for (const facts of [everythingKnown, nothingKnown]) {
      const page = htmlCard(buildCard(facts), facts);
      expect(page).not.toMatch(/<(script|link|iframe|img|object|form|base)\b/i);
      expect(page).not.toMatch(/\s(src|href|on\w+)=/i);
      expect(page).toContain("default-src 'none'");
    }
    const page = htmlCard(full, everythingKnown);
    expect(page).toContain('Plan &lt;b&gt;cranes&lt;/b&gt;');
    expect(page).toContain('wind &gt; 9 &lt;script&gt;');
    expect(page).toContain('aria-label="0.76 to 0.86"');
    expect(htmlCard(empty, nothingKnown)).toContain('<span class="missing">missing</span>');
  });

  it('in Google’s schema has texts only and no member that says nothing', () => {
    expect(googleCard(everythingKnown)).toMatchObject({
      schema_version: '0.0.2',
      model_details: {
        name: 'rain',
        overview: 'Plan <b>cranes</b>',
        owners: [{ name: 'Port team' }],
        version: { name: '3', date: '2023-11-14', diff: `sha256:${'d'.repeat(64)}` },
      },
      model_parameters: {
        model_architecture: 'logistic-regression',
        data: [{ name: `dataset-version ${'1'.repeat(64)}` }, { name: `source ${'2'.repeat(64)}` }],
        input_format_map: [{ key: 'wind', value: 'number' }],
      },
      considerations: { users: [{ description: 'Dispatchers' }], ethical_considerations: [{ name: 'A missed storm' }] },
    });
    const { quantitative_analysis: analysis } = googleCard(everythingKnown) as never as {
      quantitative_analysis: { performance_metrics: Record<string, unknown>[] };
    };
    expect(analysis.performance_metrics[0]).toEqual({
      type: 'Accuracy',
      value: '0.81',
      confidence_interval: { lower_bound: String(0.81 - 0.05), upper_bound: String(0.81 + 0.05) },
    });
    expect(analysis.performance_metrics.some(({ slice }) => slice === 'wind > 9 <script>')).toBe(true);
    expect(googleCard(nothingKnown)).toEqual({
      schema_version: '0.0.2',
      model_details: { name: 'iris', version: { name: '1', date: '2023-11-14' }, path: nothingKnown.record.filesRoot },
      model_parameters: { model_architecture: 'python_function, sklearn' },
    });
  });
});

describe('the packages of a lock file', () => {
  it('are read from npm, pip, uv and poetry', () => {
    const npm = JSON.stringify({
      packages: {
        '': { name: 'root', version: '1.0.0' },
        'node_modules/b': { version: '2.0.0', integrity: `sha512-${btoa('\u0001\u00ff')}` },
        'node_modules/x/node_modules/@s/a': { version: '1.0.0' },
        'node_modules/linked': { link: true, resolved: 'packages/linked' },
      },
    });
    expect(lockedPackages('package-lock.json', npm)).toEqual([
      { ecosystem: 'npm', name: '@s/a', version: '1.0.0', hash: null },
      { ecosystem: 'npm', name: 'b', version: '2.0.0', hash: { algorithm: 'SHA-512', content: '01ff' } },
    ]);
    const pip = `# comment\nscikit_learn==1.5.2 ; python_version > "3"\nnumpy[extra] == 2.1.0 \\\n  --hash=sha256:${'a'.repeat(64)}\npandas>=2\n-e .\n`;
    expect(lockedPackages('requirements.txt', pip)).toEqual([
      { ecosystem: 'pypi', name: 'numpy', version: '2.1.0', hash: { algorithm: 'SHA-256', content: 'a'.repeat(64) } },
      { ecosystem: 'pypi', name: 'scikit-learn', version: '1.5.2', hash: null },
    ]);
    const uv =
      '[[package]]\nname = "me"\nversion = "0.1"\nsource = { editable = "." }\n\n[[package]]\nname = "Onnx"\nversion = "1.17.0"\n[package.optional]\nname = "no"\n';
    for (const name of ['uv.lock', 'poetry.lock']) {
      expect(lockedPackages(name, uv)).toEqual([{ ecosystem: 'pypi', name: 'onnx', version: '1.17.0', hash: null }]);
    }
  });

  it('are unknown when the file is broken or of another kind', () => {
    for (const text of ['', '{', 'null', '[]', '{"packages":null}', '{"lockfileVersion":1}']) {
      expect(lockedPackages('package-lock.json', text), text).toBeNull();
    }
    expect(lockedPackages('Cargo.lock', '')).toBeNull();
  });
});

describe('the format that is asked for', () => {
  it.each([
    [undefined, undefined],
    ['*/*', undefined],
    ['application/json', undefined],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'html'],
    ['application/json, text/markdown;q=0.5', undefined],
    ['text/markdown;q=0.2, text/html;q=0.9', 'html'],
    ['application/vnd.cyclonedx+json; version=1.6', 'cyclonedx'],
    ['text/html;q=0', undefined],
    ['text/html;q=x', undefined],
    ['image/png', undefined],
  ] as const)('by Accept %s is %s', (accept, format) => {
    expect(acceptedFormat(accept)).toBe(format);
  });
});
