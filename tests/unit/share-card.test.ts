import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SharedView } from '../../server/api/community-views.ts';
import { shareBadge } from '../../server/report/badge.ts';
import { CARD, shareCard } from '../../server/report/card.ts';
import { drawable } from '../../server/report/fonts.ts';
import { toPng } from '../../server/report/png.ts';
import { escaped, fitted, widthOf } from '../../server/report/svg.ts';

const streak = (days: number) => ({ days, start: '2025-03-10', end: '2025-05-10' });
const shared = (change: Partial<SharedView> = {}): SharedView => ({
  name: '김하늘',
  season: { title: '정원사들 시즌10', start: '2025-03-10', end: '2025-06-17', days: 100, elapsed: 62, kind: 'fixed' },
  ...{ rate: 97, attended: 60, countable: 62, currentStreak: streak(41), longestStreak: streak(41) },
  ...{ days: `${'p'.repeat(20)}-${'p'.repeat(41)}`, badges: [] },
  ...change,
});
/** Throws for what is no well-formed XML of our own kind: every tag closed, no letter that XML cannot hold. */
function wellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replaceAll(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_all, end, name: string, _attributes, empty) => {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  expect(rest).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
  // eslint-disable-next-line no-control-regex
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  expect(xml.isWellFormed()).toBe(true);
}
const HOSTILE = '"><script>alert(1)</script><image href="//evil.example/x" onload=\'x\'>&amp;';

describe('the card', () => {
  test('says who, which season, the rate and the streaks', () => {
    const card = shareCard(shared(), 'ko');
    for (const text of ['김하늘', '정원사들 시즌10', '97%', '41', '100일 중 62일째', '62일 중 60일'])
      expect(card).toContain(text);
    wellFormed(card);
    expect(shareCard(shared({ rate: null, currentStreak: null, longestStreak: null, days: '' }), 'en')).toContain('–');
  });
  test('has a stem for each day attended', () =>
    expect(shareCard(shared(), 'ko').match(/M[\d.]+ 540v-/g)).toHaveLength(61));
  test('runs nothing that somebody calls themselves', () => {
    const card = shareCard(shared({ name: HOSTILE, season: { ...shared().season, title: HOSTILE } }), 'en');
    expect(card).not.toMatch(/<script|<image|onload=['"x]/);
    wellFormed(card);
    wellFormed(shareBadge(shared(), 'en'));
  });
  test('is well-formed whatever somebody is called', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(400), (name, days) => {
        wellFormed(shareCard(shared({ name, days: 'p'.repeat(days) }), 'ko'));
      }),
    ));
  test('is drawn as large as sites cut it to', async () => {
    const png = Buffer.from(await toPng(shareCard(shared({ name: '김하늘 🌱' }), 'ko')));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([CARD.width, CARD.height]);
    expect(png.byteLength).toBeGreaterThan(15_000);
  });
});

describe('texts in pictures', () => {
  test('leave out emoji, which no font of ours has', () => {
    expect(drawable('김하늘 🌱👩‍💻🇰🇷 1️⃣ ok')).toBe('김하늘 1 ok');
    expect(drawable('🌱')).toBe('');
  });
  test('are made to fit, smaller first, then shorter', () => {
    const room = { most: 84, least: 40, width: 1000 };
    expect(fitted('김하늘', room)).toEqual({ text: '김하늘', size: 84 });
    const long = fitted('가'.repeat(20), room);
    expect(long.text).toHaveLength(20);
    expect(long.size).toBeLessThan(84);
    const longest = fitted('가'.repeat(99), room);
    expect([longest.size, longest.text.endsWith('…')]).toEqual([40, true]);
    expect(widthOf(longest.text, 40)).toBeLessThanOrEqual(1000);
  });
  test('are escaped', () => expect(escaped(`<a b="c">&'\u0000`)).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#39;'));
});

test('the badge says rate and streak, and is green where much was attended', () => {
  expect(shareBadge(shared(), 'ko')).toContain('>97% · 41일 연속<');
  expect(shareBadge(shared({ currentStreak: null }), 'en')).toContain('>97%<');
  expect(shareBadge(shared({ rate: null, currentStreak: null }), 'en')).toContain('>–<');
  expect(shareBadge(shared(), 'ko')).toContain('#2a7446');
  expect(shareBadge(shared({ rate: 60 }), 'ko')).not.toContain('#2a7446');
});
