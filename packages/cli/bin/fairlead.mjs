#!/usr/bin/env node
// npm links commands before the workspace is built, so what it links to must be there from the start.
import { existsSync } from 'node:fs';
import module from 'node:module';

const built = new URL('../dist/bin.js', import.meta.url);
if (existsSync(built)) {
  module.enableCompileCache?.();
  await import(built.href);
} else {
  console.error('error CLI_NOT_BUILT: the command line is not built yet\nremedy: Run `npm run build` first.');
  process.exitCode = 1;
}
