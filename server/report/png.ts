import { createHash } from 'node:crypto';
import { fontFiles } from './fonts.ts';

/** Cards that were drawn, by what they show: a link that is passed around is asked for again and again. */
const MOST_KEPT = 32;
const kept = new Map<string, Uint8Array<ArrayBuffer>>();

/** An SVG as PNG, drawn with our own fonts; another thread draws it. Loaded with the first picture. */
export async function toPng(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = createHash('sha256').update(svg).digest('base64');
  const known = kept.get(key);
  if (known) return known;
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(svg, {
    font: { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: 'Pretendard' },
    textRendering: 2,
  });
  const png = new Uint8Array(image.asPng());
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? key);
  kept.set(key, png);
  return png;
}
