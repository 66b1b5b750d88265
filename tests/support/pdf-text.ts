import { inflateSync } from 'node:zlib';

/**
 * The text of a PDF as typst writes it, in the order in which it stands in the pages: enough to find words by, no reader of any PDF.
 * Letters are found by each font's own table to Unicode (PDF 32000-1, 9.10.3).
 */
export function pdfText(pdf: Uint8Array): { pages: number; text: string; tagged: boolean } {
  const source = Buffer.from(pdf).toString('latin1');
  const objects = new Map<string, string>();
  for (const [, id = '', body = ''] of source.matchAll(/\n(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) objects.set(id, body);
  const pages = [...objects.values()].filter((body) => /\/Type \/Page\b(?!s)/.test(body));
  const text = pages
    .map((page) => {
      const content = /\/Contents (\d+) 0 R/.exec(page)?.[1] ?? '';
      return textOf(streamOf(objects.get(content) ?? ''), fontsOf(page, objects));
    })
    .join('\n\f\n');
  return { pages: pages.length, text, tagged: /\/StructTreeRoot/.test(source) && /\/Marked true/.test(source) };
}

function streamOf(body: string): string {
  const found = /stream\r?\n([\s\S]*?)\r?\nendstream/.exec(body);
  if (!found) return '';
  const bytes = Buffer.from(found[1] ?? '', 'latin1');
  return /FlateDecode/.test(body) ? inflateSync(bytes).toString('latin1') : bytes.toString('latin1');
}

/** Where a dictionary stands in its own object, it is looked up there. */
function dictionary(body: string, name: string, objects: ReadonlyMap<string, string>): string {
  const reference = new RegExp(`/${name} (\\d+) 0 R`).exec(body)?.[1];
  if (reference !== undefined) return objects.get(reference) ?? '';
  return new RegExp(`/${name} <<([\\s\\S]*?)>>`).exec(body)?.[1] ?? '';
}

function fontsOf(page: string, objects: ReadonlyMap<string, string>): Map<string, Map<string, string>> {
  const reference = /\/Resources (\d+) 0 R/.exec(page)?.[1];
  const resources = reference === undefined ? page : (objects.get(reference) ?? '');
  const fonts = new Map<string, Map<string, string>>();
  for (const [, name = '', id = ''] of dictionary(resources, 'Font', objects).matchAll(/\/(\w+) (\d+) 0 R/g)) {
    const table = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id) ?? '')?.[1] ?? '';
    fonts.set(name, unicodeOf(streamOf(objects.get(table) ?? '')));
  }
  return fonts;
}

const fromHex = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');

function unicodeOf(table: string): Map<string, string> {
  const letters = new Map<string, string>();
  for (const [, block = ''] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, code = '', unicode = ''] of block.matchAll(/<(\w+)>\s*<(\w+)>/g))
      letters.set(code.toLowerCase(), fromHex(unicode));
  return letters;
}

/** Codes are two bytes, in hex or as a string with escapes. */
function textOf(content: string, fonts: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  let font: ReadonlyMap<string, string> | undefined;
  let text = '';
  const token = /\/(\w+) [\d.]+ Tf|<([0-9a-fA-F]*)>|\(((?:\\[\s\S]|[^\\()])*)\)|\bET\b/g;
  for (const [all, name, hex, string] of content.matchAll(token)) {
    if (name !== undefined) font = fonts.get(name);
    else if (all === 'ET') text += '\n';
    else {
      const codes = hex ?? Buffer.from(unescaped(string ?? ''), 'latin1').toString('hex');
      for (const [code] of codes.toLowerCase().matchAll(/.{4}/g)) text += font?.get(code) ?? '';
    }
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_all, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
