import type { Table } from '@fairlead/frame';

/** Texts that are numbers but for a few words such as NaN or inf were hardly meant as categories; each such column is said. */
export function nearlyNumbers(table: Table, columns: readonly string[]): string[] {
  return columns.flatMap((name) => {
    const column = table.columns.get(name);
    if (column?.kind !== 'string') return [];
    const numbers = column.dictionary.filter(isNumber).length;
    const word = column.dictionary.find((text) => !isNumber(text));
    if (word === undefined || numbers * 2 <= column.dictionary.length) return [];
    const share = `${numbers} of its ${column.dictionary.length} texts are numbers`;
    return [
      `${name} was read as text although ${share}, because of others such as "${word}"; empty such cells if missing was meant.`,
    ];
  });
}

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));
