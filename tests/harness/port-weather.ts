import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { parse } from 'yaml';

const example = fileURLToPath(new URL('../../examples/port-weather/fairlead.yaml', import.meta.url));
const weather = fileURLToPath(new URL('../../node_modules/vega-datasets/data/weather.csv', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: a project file is what its schema says; the server judges it
export type Project = Record<string, any>;

/** The example's project with its data in `folder`, and few candidates so that training takes a second. */
export function smallProject(folder: string): Project {
  copyFileSync(weather, join(folder, 'weather.csv'));
  const project = readExample();
  project.datasets.weather.source.path = 'weather.csv';
  project.pipelines.rain.steps.train.with.candidates = [{ trainer: 'logistic-regression', params: { c: [0.1, 1] } }];
  return project;
}

/** The example's project as its file says. */
export function readExample(): Project {
  return parse(readFileSync(example, 'utf8')) as Project;
}

/** A row as the endpoint takes it. */
export const exampleRow = {
  location: 'Seattle',
  date: '2015-03-01',
  precipitation: 0,
  temp_max: 11.1,
  temp_min: 0.6,
  wind: 2.1,
  weather: 'sun',
  raining: false,
};

/** People who may ask for a release and sign it, by name. */
export async function addPeople(client: FairleadClient): Promise<Record<'dana' | 'quinn' | 'olivia', FairleadClient>> {
  const member = async (name: string, role: 'data-scientist' | 'qa' | 'product-owner') => {
    await client.people.add({ name, roles: [role] });
    const { token } = await client.people.issueToken(name, { label: 'test', expiresInDays: 1 });
    return createClient({ url: client.url, token });
  };
  return {
    dana: await member('dana', 'data-scientist'),
    quinn: await member('quinn', 'qa'),
    olivia: await member('olivia', 'product-owner'),
  };
}

export type People = Awaited<ReturnType<typeof addPeople>>;

/** Runs the pipeline as the data scientist and gives the release that it asked for, whose gates have been decided. */
export async function runToRelease(
  { dana }: People,
  params: Readonly<Record<string, string>> = {},
): Promise<Awaited<ReturnType<FairleadClient['releases']['get']>>> {
  const { id } = await dana.pipelines.run('rain', { params });
  const run = await dana.pipelineRuns.wait(id, { timeoutMs: 120_000 });
  if (run.state !== 'succeeded') throw new Error(`the pipeline ${run.state}: ${JSON.stringify(run.steps)}`);
  const release = run.steps.find((step) => step.name === 'release')?.outputs.release;
  return dana.releases.get(release?.id ?? '');
}

/** Both signatures that the example's policy asks for, then the rollout. */
export async function signAndRollOut({ quinn, olivia }: People, client: FairleadClient, releaseId: string) {
  await quinn.releases.sign(releaseId, { meaning: 'approved', role: 'qa', comment: 'read' });
  await olivia.releases.sign(releaseId, { meaning: 'approved', role: 'product-owner', comment: 'go' });
  return client.releases.rollOut(releaseId);
}

/** A small model in `test` at the endpoint `rain`, without rules that would train another. */
export async function deployRainInTest(client: FairleadClient, folder: string): Promise<void> {
  const project = smallProject(folder);
  project.rules = {};
  await client.projects.apply({ folder, project });
  await runToRelease(await addPeople(client));
}

/**
 * A small model in production at the endpoint `rain`, past one gate and both signatures, without rules that would train another.
 * Releases after it go the way of `rollout`.
 */
export async function releaseRain(
  client: FairleadClient,
  folder: string,
  rollout: Project = { kind: 'all-at-once' },
): Promise<People> {
  const project = smallProject(folder);
  project.endpoints.rain.release.gates = [{ kind: 'contract' }];
  project.endpoints.rain.release.rollout = rollout;
  project.rules = {};
  await client.projects.apply({ folder, project });
  const people = await addPeople(client);
  const release = await runToRelease(people);
  await signAndRollOut(people, client, release.id);
  return people;
}
