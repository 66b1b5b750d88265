/** A text inside SVG or HTML, and inside their attributes. What XML cannot hold at all is left out (XML 1.0, 2.2). */
export const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** How wide letters are, in parts of the font's size: enough to make a text fit. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]/u, 0.88],
  [/[il.,:;'|!]/u, 0.27],
  [/[jtfr()[\] ·-]/u, 0.36],
  [/[mwMW@%—]/u, 0.9],
  [/[A-Z]/u, 0.67],
  [/\d/u, 0.6],
];
export const widthOf = (text: string, size: number): number =>
  [...text].reduce((sum, letter) => sum + (WIDTHS.find(([kind]) => kind.test(letter))?.[1] ?? 0.58), 0) * size;

/** The largest size up to `most` at which a text is no wider than that; below `least` it is cut with an ellipsis. */
export function fitted(
  text: string,
  { most, least, width }: { most: number; least: number; width: number },
): { text: string; size: number } {
  const size = Math.min(most, Math.floor((most * width) / Math.max(1, widthOf(text, most))));
  if (size >= least) return { text, size };
  let cut = [...text];
  while (cut.length > 1 && widthOf(`${cut.join('')}…`, least) > width) cut = cut.slice(0, -1);
  return { text: `${cut.join('').trimEnd()}…`, size: least };
}
