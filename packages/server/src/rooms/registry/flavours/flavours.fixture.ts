import { sleep } from '@fairlead/kernel';
import { afterAll, beforeAll } from 'vitest';
import { context, openCatalogue } from '../catalogue/catalogue.fixture.js';
import type { VersionRecord } from '../catalogue/catalogue-types.js';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A registry with the model `m`, for the tests of a file. */
export function openFlavours() {
  let world: Awaited<ReturnType<typeof openCatalogue>>;
  beforeAll(async () => {
    world = await openCatalogue();
    await world.catalogue.createModel(context, { name: 'm' });
  });
  afterAll(() => world.dispose());

  /** Makes a version of a folder of the run with these files; what is there already stays. */
  const register = (folder: string, files: Files) => {
    const root = `0/run1/artifacts/${folder}`;
    for (const [path, content] of Object.entries(files)) world.content.set(`${root}/${path}`, content);
    return world.catalogue.createVersion(context, { model: 'm', source: `artifacts:/${root}` });
  };
  /** A version of `m` when it is known whether it can be served. */
  const settled = async (version: number): Promise<VersionRecord> => {
    for (;;) {
      const record = await world.catalogue.versionRecord('m', version);
      if (record.servable !== 'pending') return record;
      await sleep(10);
    }
  };
  return {
    world: () => world,
    register,
    settled,
    examined: async (folder: string, files: Files) => settled((await register(folder, files)).version),
  };
}
