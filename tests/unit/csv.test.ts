import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCsv, type Cell } from '../../server/report/csv.ts';

/** Reads CSV as RFC 4180 writes it, strictly: anything else throws. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"/y;
    const plain = /[^",\r\n]*/y;
    const kind = text[at] === '"' ? quoted : plain;
    kind.lastIndex = at;
    const found = kind.exec(text);
    if (!found) throw new Error(`No field at ${at}`);
    row.push(kind === quoted ? (found[1] ?? '').replaceAll('""', '"') : found[0]);
    at += found[0].length;
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      rows.push(row);
      [row, at] = [[], at + 2];
    } else throw new Error(`Neither a comma nor the end of a line at ${at}`);
  }
  return rows;
}

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[=+\-@,"\r\n\t 가a1]*$/),
  fc.integer(),
  fc.constant(null),
);
const read = (text: string) => parseCsv(text.slice(1));
const computed = (text: string) => /^\s*[=+\-@＝＋－＠]/.test(text) || /^[\t\r\n]/.test(text);

describe('a table as CSV', () => {
  test('begins with the mark that spreadsheets know its encoding by, and ends its lines as the standard does', () =>
    expect(
      toCsv([
        ['이름', 'rate'],
        ['김하늘', 97],
      ]),
    ).toBe('\ufeff이름,rate\r\n김하늘,97\r\n'));
  test('quotes what would be read otherwise', () =>
    expect(toCsv([['a,b', 'say "hi"', 'two\nlines', null, ' wide ']])).toBe(
      '\ufeff"a,b","say ""hi""","two\nlines",," wide "\r\n',
    ));
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1', '\r=1', '=HYPERLINK("http://evil.example";"x")'])(
    'holds no text that a spreadsheet computes: %j',
    (text) => expect(read(toCsv([[text]]))).toEqual([[`'${text}`]]),
  );
  test('leaves numbers as they are', () => expect(toCsv([[-3, 0, 12]])).toBe('\ufeff-3,0,12\r\n'));
  test('is read again as it was written, but for what is made harmless', () =>
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (rows: Cell[][]) => {
        const expected = rows.map((row) =>
          row.map((one) => {
            if (typeof one !== 'string') return one === null ? '' : String(one);
            return computed(one) ? `'${one}` : one;
          }),
        );
        expect(read(toCsv(rows))).toEqual(expected);
      }),
    ));
});
