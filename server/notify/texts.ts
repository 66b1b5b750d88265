import type { Day } from '../../domain/calendar.ts';
import type { MessageKind } from '../../domain/inbox.ts';
import type { MessageLanguage } from '../../domain/preferences.ts';
import { oneLine } from './channel.ts';

/** How the day stands of which the organiser is told. */
export type DayOfSeason = {
  readonly title: string;
  readonly day: Day;
  /** 1 on the first day. */
  readonly number: number;
  readonly days: number;
  readonly present: number;
  readonly excused: number;
  /** Names of those who have not attended yet. */
  readonly absent: readonly string[];
  /** Names of those whose commits could not be read: nothing is known of their day. */
  readonly unknown: readonly string[];
};

const koreanDay = (day: Day) => `${Number(day.slice(5, 7))}월 ${Number(day.slice(8))}일`;
const englishDay = (day: Day) =>
  new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(Date.parse(day));

const names = (people: readonly string[]) => people.map(oneLine).join(', ');

/** What the organiser is told in the evening (seed 002: who has not attended), in the language of the seed. */
export function organiserText(given: DayOfSeason): { title: string; text: string } {
  const { present, excused, absent, unknown } = given;
  const everybody = present + absent.length + unknown.length;
  const title = `${oneLine(given.title)} ${koreanDay(given.day)} 출석 (${given.number}/${given.days}일째)`;
  const lines = [
    absent.length === 0 && unknown.length === 0
      ? `오늘은 ${everybody}명 모두 출석했습니다. 🌱`
      : `출석 ${present}명 · 아직 ${absent.length}명${unknown.length > 0 ? ` · 확인 못 함 ${unknown.length}명` : ''}`,
    absent.length > 0 && `아직 출석하지 않은 사람: ${names(absent)}`,
    unknown.length > 0 && `커밋을 읽지 못해 알 수 없는 사람: ${names(unknown)}`,
    excused > 0 && `쉬는 사람: ${excused}명`,
  ];
  return { title, text: lines.filter((line) => line !== false).join('\n') };
}

type Reminded = Pick<DayOfSeason, 'title' | 'day' | 'number' | 'days'> & { readonly name: string };

/** What a member is told who has not attended yet. */
export function reminderText(language: MessageLanguage, { title, day, number, days, name }: Reminded): string {
  const season = oneLine(title);
  if (language === 'ko')
    return `${oneLine(name)}님, ${koreanDay(day)} 출석이 아직 확인되지 않았어요. 오늘이 가기 전에 커밋하면 출석으로 남아요. 이미 했다면 곧 확인될 거예요. (${season}, ${number}/${days}일째)`;
  return `${oneLine(name)}, nothing of yours has been seen yet on ${englishDay(day)}. Commit before the day is over and it counts; if you have, it will show soon. (${season}, day ${number} of ${days})`;
}

/** What stands above a message that leaves the house. */
export const messageTitle = (kind: MessageKind | 'test', language: MessageLanguage, season: string): string =>
  `${TITLES[language][kind]} · ${oneLine(season)}`;

const TITLES: Record<MessageLanguage, Record<MessageKind | 'test', string>> = {
  ko: {
    reminder: '오늘의 출석이 아직이에요',
    motivation: '이번 주도 함께해요',
    announcement: '알림',
    cheer: '응원이 도착했어요',
    test: '시험 메시지',
  },
  en: {
    reminder: 'Not attended yet today',
    motivation: 'A new week',
    announcement: 'Announcement',
    cheer: 'Somebody cheers for you',
    test: 'A test message',
  },
};

export const TEST_TEXT = 'Almanac이 보낸 시험 메시지입니다. 이 메시지가 보이면 채널이 잘 연결된 것입니다.';
