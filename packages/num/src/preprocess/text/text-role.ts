import { isMissing, requireColumn, type TableView } from '../table-view.js';

/** What a column of texts is, judged by its rows. */
export interface TextRole {
  readonly role: 'empty' | 'category' | 'text' | 'key';
  /** Different texts that occur. */
  readonly distinct: number;
  /** Rows that have a text. */
  readonly present: number;
  /** Mean number of words per row that has a text. */
  readonly words: number;
}

/** Fewer different texts than this are categories, however few rows there are. */
const FEW = 64;
/** From this share of different texts on, one that occurs hardly ever occurs again. */
const KEY_RATIO = 0.9;
const TEXT_RATIO = 0.1;
const TEXT_WORDS = 3;

/**
 * A 'text' has three words or more on average and mostly differs from row to row; a 'key' differs in nine rows of ten and
 * is no text: it names the row, and a model that learned it would know nothing of the next one.
 */
export function textRole(table: TableView, name: string): TextRole {
  const { codes, dictionary, validity } = requireColumn(table, name, ['string']);
  const rows = new Float64Array(dictionary.length);
  for (let row = 0; row < table.rowCount; row++) if (!isMissing(validity, row)) rows[codes[row]]++;
  let distinct = 0;
  let present = 0;
  let words = 0;
  dictionary.forEach((text, entry) => {
    if (rows[entry] === 0 || text === '') return;
    distinct++;
    present += rows[entry];
    words += rows[entry] * (text.match(/\S+/g)?.length ?? 0);
  });
  const mean = present === 0 ? 0 : words / present;
  const measured = { distinct, present, words: mean };
  if (present === 0) return { role: 'empty', ...measured };
  if (distinct < FEW) return { role: 'category', ...measured };
  if (mean >= TEXT_WORDS && distinct >= TEXT_RATIO * present) return { role: 'text', ...measured };
  return { role: distinct >= KEY_RATIO * present ? 'key' : 'category', ...measured };
}
