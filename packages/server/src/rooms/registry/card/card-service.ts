import { findVersion } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { ModelCard } from '../registry-types.js';
import type { CardFile, CardFormat } from './card-formats.js';
import { buildCard } from './card-rules.js';
import { cyclonedxCard } from './cyclonedx-card.js';
import { gatherCard } from './gather-card.js';
import { googleCard } from './google-card-rules.js';
import { htmlCard } from './html-card.js';

export interface CardService {
  /** Of a version of any flavour; `ref` is its number. @throws REG_VERSION_NOT_FOUND */
  card(model: string, version: number): Promise<ModelCard>;
  /** The card in another format, as a file. Equal facts give equal bytes. */
  cardFile(model: string, version: number, format: CardFormat): Promise<CardFile>;
}

const ENDINGS: Readonly<Record<CardFormat, readonly [ending: string, mediaType: string]>> = {
  markdown: ['md', 'text/markdown; charset=utf-8'],
  html: ['html', 'text/html; charset=utf-8'],
  json: ['json', 'application/json; charset=utf-8'],
  cyclonedx: ['cdx.json', 'application/vnd.cyclonedx+json; version=1.6'],
};

export function createCards(deps: RegistryDeps): CardService {
  const gather = async (model: string, version: number) =>
    gatherCard(deps, await findVersion(deps.store, deps.db, model, version));
  return {
    card: async (model, version) => buildCard(await gather(model, version)),
    cardFile: async (model, version, format) => {
      const facts = await gather(model, version);
      const [ending, mediaType] = ENDINGS[format];
      const fileName = `${model}-${version}-card.${ending}`;
      const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
      switch (format) {
        case 'markdown':
          return { mediaType, fileName, text: buildCard(facts).markdown };
        case 'html':
          return { mediaType, fileName, text: htmlCard(buildCard(facts), facts) };
        case 'json':
          return { mediaType, fileName, text: json(googleCard(facts)) };
        case 'cyclonedx':
          return { mediaType, fileName, text: json(cyclonedxCard(facts, deps.fairleadVersion)) };
      }
    },
  };
}
