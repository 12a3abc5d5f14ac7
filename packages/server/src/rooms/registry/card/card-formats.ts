/** What people wrote, by {@link humanKey}. */
export type HumanTexts = Readonly<Record<string, string>>;

export const CARD_FORMATS = ['markdown', 'html', 'json', 'cyclonedx'] as const;
export type CardFormat = (typeof CARD_FORMATS)[number];

/** A card as a file: `json` is Google's model-card schema, `cyclonedx` an ML-BOM. */
export interface CardFile {
  readonly mediaType: string;
  readonly fileName: string;
  readonly text: string;
}
