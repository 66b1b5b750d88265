import { formatsOf } from '#lib/i18n/formats.ts';
import type { Language } from '#lib/i18n/language.ts';

/** What a page of the past says of itself. The words come with the page: pages of now do not load them. */
export type PastNotice = { text: string; note: string; back: string; href: string };

const WORDS = {
  ko: {
    text: (when: string) => `${when}에 알고 있던 그대로입니다`,
    note: '그 뒤에 들어온 커밋과 바뀐 판정은 없는 셈 칩니다. 지워진 사람의 이름은 예전에도 보이지 않습니다.',
    back: '지금으로 돌아가기',
    statistics: '통계 더 보기',
  },
  en: {
    text: (when: string) => `As known on ${when}`,
    note: 'Commits that came later and verdicts changed since are left out. Who was erased since has no name here either.',
    back: 'Back to now',
    statistics: 'More statistics',
  },
} as const;

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/** Null where the page shows what is known now. @param zone of the challenge: a local time is one of its zone */
export function pastNotice(url: URL, zone: string, language: Language): PastNotice | null {
  const asOf = url.searchParams.get('as_of');
  if (asOf === null) return null;
  const here = new URLSearchParams(url.searchParams);
  here.delete('as_of');
  const { text, note, back } = WORDS[language];
  return {
    text: text(written(asOf, zone, language)),
    note,
    back,
    href: here.size > 0 ? `?${here.toString()}` : url.pathname,
  };
}

/** `2025년 3월 20일 12:00`. A local time is written as it was asked for: it is one of that zone already. */
function written(asOf: string, zone: string, language: Language): string {
  const local = LOCAL.test(asOf)
    ? Temporal.PlainDateTime.from(asOf)
    : Temporal.Instant.from(asOf).toZonedDateTimeISO(zone);
  const { day } = formatsOf(language);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day(local.toString().slice(0, 10))} ${two(local.hour)}:${two(local.minute)} (${zone})`;
}

/** Leads from the main page on to the statistics of what it shows. */
export function statisticsLink(url: URL, language: Language): { href: string; text: string } {
  const kept = new URLSearchParams([...url.searchParams].filter(([name]) => name === 'challenge' || name === 'as_of'));
  return { href: kept.size > 0 ? `/statistics?${kept.toString()}` : '/statistics', text: WORDS[language].statistics };
}
