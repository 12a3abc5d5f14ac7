import { describe, expect, it } from 'vitest';
import { runVariants } from './run-variants.mjs';

const url = new URL('./fixtures/sums.mjs', import.meta.url);
const variant = (name: string, fn = name) => ({ name, module: { url, export: fn, args: [1000] } });

describe('runVariants', () => {
  it('measures each variant once per round and gives the floor a ratio of 1', async () => {
    const { variants } = await runVariants({
      name: 'sums',
      variants: [variant('loop'), variant('formula')],
      rounds: 3,
      against: 'loop',
    });
    expect(variants.map(({ name, rawMs }) => [name, rawMs.length])).toEqual([
      ['loop', 3],
      ['formula', 3],
    ]);
    expect(variants[0]?.ratio).toBe(1);
    expect(variants[1]?.checksum).toBe(variants[0]?.checksum);
  });

  it('refuses variants that do not agree on the result', async () => {
    const run = runVariants({ name: 'sums', variants: [variant('loop'), variant('offByOne')], rounds: 1 });
    await expect(run).rejects.toThrow('the variants disagree');
  });

  it('refuses a function that returns nothing, for its work may have been dropped', async () => {
    const run = runVariants({ name: 'sums', variants: [variant('silent')], rounds: 1 });
    await expect(run).rejects.toThrow('must return what it computed');
  });

  it('times a command by its whole process and takes its output as the result', async () => {
    const print = (text: string) =>
      [process.execPath, '-e', `console.log(${JSON.stringify(text)})`] as [string, ...string[]];
    const { variants } = await runVariants({
      name: 'print',
      variants: [
        { name: 'a', command: print('same') },
        { name: 'b', command: print('same') },
      ],
      rounds: 1,
    });
    expect(variants[0]?.checksum).toBe(variants[1]?.checksum);
    expect(variants[0]?.ratio).toBeUndefined();
  });

  it('says which variant failed and why', async () => {
    const command: [string, ...string[]] = [process.execPath, '-e', 'console.error("no such table"); process.exit(3)'];
    const run = runVariants({ name: 'x', variants: [{ name: 'broken', command }], rounds: 1 });
    await expect(run).rejects.toThrow(/variant broken: .* ended with 3: no such table/);
  });

  it('refuses a floor that is not among the variants', async () => {
    const run = runVariants({ name: 'sums', variants: [variant('loop')], against: 'numpy' });
    await expect(run).rejects.toThrow('no variant numpy');
  });
});
