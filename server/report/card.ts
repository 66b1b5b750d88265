import type { SharedView } from '../api/community-views.ts';
import { drawable } from './fonts.ts';
import { escaped, fitted, widthOf } from './svg.ts';
import { reportWords, type ReportLanguage, type ReportWords } from './words.ts';

export const CARD = { width: 1200, height: 630 } as const;
const LEFT = 76;
const WIDTH = CARD.width - 2 * LEFT;
const INK = { ink: '#20261d', soft: '#4f574a', faint: '#656c5d', leaf: '#2a7446', deep: '#1d5632' } as const;
const FONT = "Pretendard, 'Pretendard Variable', 'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif";
/** More stems than this would be thinner than they are apart. */
const MOST_STEMS = 262;

type TextOptions = { size: number; fill: string; weight?: number; anchor?: 'end'; spacing?: number };
const text = (x: number, y: number, content: string, { size, fill, weight = 400, anchor, spacing = 0 }: TextOptions) =>
  `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}"` +
  `${anchor ? ` text-anchor="${anchor}"` : ''}${spacing ? ` letter-spacing="${spacing}"` : ''}>${escaped(content)}</text>`;

/** A leaf of Almanac's own mark, 32 × 32. */
const leaf = (x: number, y: number, scale: number) =>
  `<g transform="translate(${x} ${y}) scale(${scale})"><rect width="32" height="32" rx="8" fill="${INK.leaf}"/>` +
  '<path fill="#f7f5ee" d="M15 26v-8.2C9.6 17.8 6.5 14.6 6.5 9c5.2 0 8.2 2.3 9.2 6.2C16.6 11 19.9 8 25.5 8c0 5.8-3.2 9-8.5 9.3V26z"/></g>';

/** What a member shares, as a picture of 1200 × 630: what social sites cut to. Text is text: a reader of the SVG can select it. */
export function shareCard(shared: SharedView, language: ReportLanguage): string {
  const words = reportWords(language);
  const name = fitted(drawable(shared.name) || 'Almanac', { most: 84, least: 40, width: WIDTH });
  const title = fitted(drawable(shared.season.title), { most: 30, least: 22, width: WIDTH - 240 });
  const { days, elapsed, kind, end } = shared.season;
  const place = kind === 'fixed' ? words.dayOf(Math.min(elapsed, days), days) : words.days(days);
  const label = `${shared.name}, ${shared.season.title}: ${words.rate} ${percent(shared)}, ${place}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CARD.width} ${CARD.height}" width="${CARD.width}" height="${CARD.height}" font-family="${FONT}" role="img" aria-label="${escaped(label)}">`,
    `<title>${escaped(label)}</title>`,
    `<rect width="${CARD.width}" height="${CARD.height}" fill="#f7f5ee"/>`,
    leaf(LEFT, 58, 1.25),
    text(LEFT + 56, 88, title.text, { size: title.size, fill: INK.soft, weight: 600 }),
    text(CARD.width - LEFT, 88, place, { size: 26, fill: INK.faint, anchor: 'end' }),
    text(LEFT - 4, 210, name.text, { size: name.size, fill: INK.ink, weight: 700, spacing: -2 }),
    figures(shared, words),
    garden(shared, kind === 'fixed' ? days : shared.days.length),
    text(LEFT, 592, 'Almanac', { size: 22, fill: INK.faint, weight: 600 }),
    text(CARD.width - LEFT, 592, `${shared.season.start} – ${end}`, { size: 22, fill: INK.faint, anchor: 'end' }),
    '</svg>',
  ].join('');
}

const percent = ({ rate }: SharedView): string => (rate === null ? '–' : `${rate}%`);

/** The rate large, the streaks beside it. */
function figures(shared: SharedView, words: ReportWords): string {
  const rate = percent(shared);
  const wide = widthOf(rate, 150) * 0.97;
  const noted = words.rateOf(String(shared.attended), String(shared.countable));
  const column = (x: number, label: string, days: number) => {
    const unit = `<tspan font-size="30" font-weight="600" fill="${INK.soft}" dx="8" letter-spacing="0">${words.unit(days).trim()}</tspan>`;
    const number = `<text x="${x}" y="372" font-size="72" font-weight="700" fill="${INK.ink}" letter-spacing="-2">${days}${unit}</text>`;
    return text(x, 300, label, { size: 26, fill: INK.faint }) + number;
  };
  const second = LEFT + Math.max(420, wide + 90);
  return (
    text(LEFT, 300, words.rate, { size: 26, fill: INK.faint }) +
    text(LEFT - 8, 430, rate, { size: 150, fill: INK.leaf, weight: 700, spacing: -6 }) +
    column(second, words.current, shared.currentStreak?.days ?? 0) +
    column(second + 300, words.longest, shared.longestStreak?.days ?? 0) +
    text(second, 424, noted, { size: 26, fill: INK.soft })
  );
}

/** A stem for each day attended, a seed for each that was not, a dot for each to come. */
function garden({ days }: SharedView, whole: number): string {
  const total = Math.max(whole, days.length);
  const shown = Math.min(total, MOST_STEMS);
  const first = Math.max(0, Math.min(total, days.length) - shown);
  const step = WIDTH / Math.max(shown, 1);
  const thick = Math.min(10, step * 0.56);
  const ground = 540;
  const stems: string[] = [];
  const seeds: string[] = [];
  for (let index = 0; index < shown; index += 1) {
    const day = days[first + index];
    const x = (LEFT + step * (index + 0.5)).toFixed(1);
    // Every one a little different, and always the same.
    const tall = 44 + ((Math.imul(index + 7, 0x9e3779b1) >>> 24) % 23);
    if (day === 'p') stems.push(`M${x} ${ground}v-${tall}`);
    else seeds.push(`<circle cx="${x}" cy="${ground}" r="${(thick * (day === '-' ? 0.36 : 0.22)).toFixed(1)}"/>`);
  }
  return (
    `<g fill="#a9a594">${seeds.join('')}</g>` +
    `<path d="${stems.join('')}" stroke="${INK.leaf}" stroke-width="${thick.toFixed(1)}" stroke-linecap="round" fill="none"/>`
  );
}
