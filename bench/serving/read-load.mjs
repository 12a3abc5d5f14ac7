// @ts-check
import { readFileSync } from 'node:fs';

/** The load that a driver was started with: JSON, or `@` and the file that has it when it is too long for an argument. @param {string | undefined} argument */
export function readLoad(argument = '{}') {
  return JSON.parse(argument.startsWith('@') ? readFileSync(argument.slice(1), 'utf8') : argument);
}
