import type { SharedView } from '../api/community-views.ts';
import { escaped, widthOf } from './svg.ts';
import { reportWords, type ReportLanguage } from './words.ts';

const HEIGHT = 20;
const SIZE = 11;
const PADDING = 7;
/** Badges are drawn with the fonts of whoever looks; these are about as wide. */
const FONT = "Verdana, Geneva, 'DejaVu Sans', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', sans-serif";

/** Green where much was attended, and never red: a badge is nobody's report card. */
const colourOf = (rate: number | null): string => {
  if (rate === null) return '#656c5d';
  return rate >= 90 ? '#2a7446' : rate >= 70 ? '#4d6f1f' : '#73591b';
};

/** An embeddable badge, as readmes show them: `출석 97% · 41일 연속`. */
export function shareBadge({ rate, currentStreak }: SharedView, language: ReportLanguage): string {
  const words = reportWords(language);
  const label = words.attendance;
  const streak = currentStreak && currentStreak.days > 1 ? ` · ${words.inARow(currentStreak.days)}` : '';
  const value = `${rate === null ? '–' : `${rate}%`}${streak}`;
  const wide = (text: string) => Math.ceil(widthOf(text, SIZE) * 1.08) + 2 * PADDING;
  const [left, right] = [wide(label), wide(value)];
  const word = (x: number, width: number, text: string) =>
    `<text x="${x + width / 2}" y="14" textLength="${width - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${escaped(`${label}: ${value}`)}">` +
    `<title>${escaped(`${label}: ${value}`)}</title>` +
    `<clipPath id="r"><rect width="${left + right}" height="${HEIGHT}" rx="4"/></clipPath>` +
    `<g clip-path="url(#r)"><rect width="${left}" height="${HEIGHT}" fill="#383f35"/>` +
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${colourOf(rate)}"/></g>` +
    `<g fill="#fff" text-anchor="middle" font-family="${FONT}" font-size="${SIZE}">` +
    `${word(0, left, label)}${word(left, right, value)}</g></svg>`
  );
}
