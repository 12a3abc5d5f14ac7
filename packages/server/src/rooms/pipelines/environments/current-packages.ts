import { access, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { PreparedStep } from '../prepare-step.js';

/**
 * A checked-out step among the packages of the project as it is now: what git ignores, the folder of Node's packages and a
 * program named by a relative path (`.venv/bin/python`), is taken from the project folder.
 */
export async function amidCurrent(step: PreparedStep, projectFolder: string): Promise<PreparedStep> {
  for (let [now, then] = [projectFolder, step.projectFolder]; ; [now, then] = [dirname(now), dirname(then)]) {
    const [modules, link] = [join(now, 'node_modules'), join(then, 'node_modules')];
    if ((await exists(modules)) && !(await exists(link))) await symlink(modules, link);
    // The mark that the checkout leaves at the root of the code.
    if ((await exists(join(then, '.git'))) || then === dirname(then)) break;
  }
  const [program = '', ...args] = step.argv;
  const relative = program.includes('/') && !isAbsolute(program);
  if (!relative || (await exists(resolve(step.projectFolder, program)))) return step;
  const own = resolve(projectFolder, program);
  return (await exists(own)) ? { ...step, argv: [own, ...args] } : step;
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
