// @ts-check
// docs/reference/project.schema.json: the shape of fairlead.yaml, for editors that complete and check while one types.

import { importBuilt } from './built.mjs';

/** @returns {Promise<import('./generate.mjs').GeneratedFile>} */
export async function generate() {
  const { ProjectSchema } = await importBuilt('packages/contracts/src/project-contract.ts');
  if (typeof ProjectSchema !== 'object' || ProjectSchema === null)
    throw new Error('contracts no longer export ProjectSchema');
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Fairlead project',
    ...ProjectSchema,
  };
  return { path: 'project.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` };
}
