import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProject } from './load-project.js';

const folderWith = (files: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-project-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => ({ code: 'none', message: '' }),
    (error: unknown) => error as { code: string; message: string },
  );

describe('loading the project file', () => {
  it('finds each kind of file in the folder', async () => {
    const files = {
      'fairlead.yaml': 'project: x',
      'fairlead.yml': 'project: x',
      'fairlead.json': '{"project": "x"}',
      'fairlead.config.mjs': 'export default { project: "x" };',
      'fairlead.config.ts': 'const project: string = "x";\nexport default { project } satisfies object;',
    };
    for (const [name, text] of Object.entries(files)) {
      const folder = folderWith({ [name]: text });
      expect(await loadProject(undefined, folder), name).toMatchObject({ folder, project: { project: 'x' } });
      expect(readdirSync(folder), name).toEqual([name]);
    }
  });

  it('takes the file that is named, wherever it is', async () => {
    const folder = folderWith({ 'other.yaml': 'project: other' });
    expect((await loadProject(join(folder, 'other.yaml'), '/')).project).toEqual({ project: 'other' });
  });

  it('says which files there could be when there is none, and refuses to choose between two', async () => {
    expect((await failureOf(loadProject(undefined, folderWith({})))).code).toBe('CLI_PROJECT_NOT_FOUND');
    const two = folderWith({ 'fairlead.yaml': 'project: a', 'fairlead.json': '{}' });
    expect((await failureOf(loadProject(undefined, two))).code).toBe('CLI_PROJECT_AMBIGUOUS');
  });

  it('names line and column of a fault in YAML and JSON', async () => {
    const yaml = folderWith({ 'fairlead.yaml': 'project: x\ndatasets:\n  a: [1\n  b: 2\n' });
    expect((await failureOf(loadProject(undefined, yaml))).message).toMatch(/^fairlead\.yaml:[34]:[0-9]+: /);
    const twice = folderWith({ 'fairlead.yaml': 'project: x\nproject: y\n' });
    expect((await failureOf(loadProject(undefined, twice))).message).toMatch(/^fairlead\.yaml:2:1: /);
  });

  it('refuses what is no mapping, and code that fails or exports nothing', async () => {
    const texts = {
      'fairlead.yaml': '- a',
      'fairlead.config.mjs': 'export const a = 1;',
      'fairlead.config.js': 'throw new Error("boom");',
    };
    for (const [name, text] of Object.entries(texts)) {
      const { code } = await failureOf(loadProject(undefined, folderWith({ [name]: text })));
      expect(code, name).toBe('CLI_PROJECT_UNREADABLE');
    }
  });

  it('knows where a path of the project stands in the file', async () => {
    const text =
      'project: x\npipelines:\n  a.b:\n    steps:\n      fit: { uses: train }\n    triggers:\n      - on: event\n';
    const { placeOf } = await loadProject(undefined, folderWith({ 'fairlead.yaml': text }));
    expect(placeOf('pipelines.a.b.steps.fit.with')).toBe('fairlead.yaml:5:7');
    expect(placeOf('pipelines.a.b.triggers.0.cron')).toBe('fairlead.yaml:7:9');
    expect(placeOf('nothing')).toBeUndefined();
  });
});
