import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import type { FairleadClient } from '@fairlead/sdk';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice, parseVersionRef } from '../../parse-values.js';
import { formatBytes, formatRatio } from '../../terminal/format.js';

const FORMATS = ['markdown', 'html', 'json', 'cyclonedx'] as const;

interface Options {
  readonly format?: string;
  readonly out?: string;
}

export function cardCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'card',
    summary: 'Print or save the model card: Markdown, HTML, Google’s schema, or a CycloneDX ML-BOM',
    arguments: { '<model/version>': 'for example rain/3, rain/champion, or rain (its latest version)' },
    options: {
      '--format <format>': 'markdown (default), html, json (Google’s model-card schema) or cyclonedx (ML-BOM 1.6)',
      '--out <file>': 'write it there instead of printing it',
    },
    examples: [
      'fairlead model card rain/3 > card.md',
      'fairlead model card rain/3 --format html --out card.html',
      'fairlead model card rain --format cyclonedx --out rain.cdx.json',
    ],
    run: async (session, { format, out }, ref = '') => {
      const { models } = session.client;
      const { model, version } = await numberOf(models, ref);
      const chosen = format === undefined ? undefined : parseChoice(format, '--format', [...FORMATS]);
      const card = await models.card(model, version);
      const text =
        chosen === undefined || chosen === 'markdown' ? card.markdown : await models.cardFile(model, version, chosen);
      const complete = `card ${formatRatio(card.completenessRatio)} complete`;
      if (out === undefined) {
        session.show(chosen === undefined ? card : { format: chosen, text }, () => text);
        if (!session.json) io.stderr.write(`${complete}\n`);
        return;
      }
      const path = resolve(io.cwd, out);
      await writeFile(path, text).catch((cause: unknown) => {
        throw cliErrors.CLI_FILE_UNREADABLE(`${path} cannot be written: ${messageOf(cause)}`, { cause });
      });
      const sizeBytes = Buffer.byteLength(text);
      const { completenessRatio } = card;
      session.show({ path, sizeBytes, completenessRatio }, () => [`${path}  ${formatBytes(sizeBytes)}`, complete]);
    },
  });
}

/** Cards go by number, and a version of any flavour has one; aliases and `latest` stand with the model. */
async function numberOf(models: FairleadClient['models'], ref: string): Promise<{ model: string; version: number }> {
  const { model, version } = parseVersionRef(ref);
  if (/^[1-9]\d*$/.test(version)) return { model, version: Number(version) };
  const { latestVersion, aliases } = await models.get(model);
  const number = version === 'latest' ? latestVersion : Object.hasOwn(aliases, version) ? aliases[version] : undefined;
  // What is neither is asked for all the same: the server says best what there is.
  return { model, version: number ?? (await models.version(model, version)).version };
}
