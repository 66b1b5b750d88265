/** A cell: null is empty. */
export type Cell = string | number | null;

/** Spreadsheets take the encoding for their own old one without it. */
const BYTE_ORDER_MARK = '\ufeff';
/** What makes a spreadsheet take a text for a formula (OWASP, CSV Injection), also behind blanks that it skips. */
const FORMULA = /^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** Rows as CSV (RFC 4180): lines end with CRLF, UTF-8 with a byte order mark, no text is a formula. */
export const toCsv = (rows: readonly (readonly Cell[])[]): string =>
  BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');

function field(cell: Cell): string {
  if (cell === null) return '';
  // A number is none of somebody's text: a minus before it is one.
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
