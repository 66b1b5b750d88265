import type { Line } from './book.ts';
import type { Day } from './calendar.ts';
import { MOTIVATION_LENGTH } from './motivation.ts';
import type { MessageLanguage } from './preferences.ts';

/** What everybody may see of a member in the book: all that a motivation is written from. Nothing in it was written by anybody. */
export type PublicFacts = {
  readonly ratePercent: number;
  readonly rank: number;
  readonly members: number;
  readonly daysAttended: number;
  readonly daysCounted: number;
  readonly currentStreakDays: number;
  readonly longestStreakDays: number;
  readonly daysAttendedLastWeek: number;
  readonly dayOfSeason: number;
  readonly daysOfSeason: number;
};

type Given = {
  readonly line: Line & { readonly rank: number };
  readonly members: number;
  /** The days of `line.states`. */
  readonly dates: readonly Day[];
  readonly lastWeek: { readonly from: Day; readonly to: Day };
  readonly dayOfSeason: number;
  readonly daysOfSeason: number;
};

/** Null where nothing is known that could be told: before anything was read, or before any day counted. */
export function publicFacts({ line, members, dates, lastWeek, ...season }: Given): PublicFacts | null {
  if (line.rate === null) return null;
  const present = dates.filter(
    (day, index) => day >= lastWeek.from && day <= lastWeek.to && line.states[index] === 'present',
  );
  return {
    ratePercent: line.rate,
    rank: line.rank,
    members,
    daysAttended: line.attended,
    daysCounted: line.countable,
    currentStreakDays: line.current?.days ?? 0,
    longestStreakDays: line.longest?.days ?? 0,
    daysAttendedLastWeek: present.length,
    ...season,
  };
}

/** Stands for the member's name, which no model is told: what somebody calls themselves can ask it for nothing. */
export const NAME = '{name}';

/** The longest name a message calls somebody by. */
const NAME_MOST = 40;

/** The text with the member's name in it, on one line, without what turns text around. */
export const withName = (text: string, name: string): string => text.replaceAll(NAME, () => calledBy(name));

const calledBy = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, NAME_MOST);

export type TextFault = 'length' | 'number' | 'link' | 'name' | 'form';

/**
 * What is wrong with a text that a model wrote; null: nothing. Numbers written as words are not found out.
 * @param others names and handles of everybody else, none of which may be called
 */
export function faultOfText(text: string, facts: PublicFacts, others: readonly string[]): TextFault | null {
  const plain = text.normalize('NFKC');
  if (plain.length < MOTIVATION_LENGTH.least || plain.length > MOTIVATION_LENGTH.most - NAME_MOST) return 'length';
  if (/[{}<>[\]`]|^\s*[#*-]/m.test(plain.replaceAll(NAME, ''))) return 'form';
  if (/\p{Cc}/u.test(plain.replaceAll('\n', ' '))) return 'form';
  if (LINK.test(plain)) return 'link';
  const known = new Set(Object.values(facts).map(String));
  if ((plain.match(/\p{N}+(?:[.,]\p{N}+)*/gu) ?? []).some((number) => !known.has(number))) return 'number';
  const said = plain.toLowerCase();
  return others.some((name) => isCalled(said, name.normalize('NFKC').toLowerCase().trim())) ? 'name' : null;
}

const LINK = /https?:|www\.|\/\/|@|\b[a-z\d-]+\.(?:com|net|org|io|kr|dev|me|ly|app|co|gg|xyz)\b/i;

/** A name of Latin letters is a word of its own; a Korean one has its particle right behind it. A single letter is nobody's. */
function isCalled(said: string, name: string): boolean {
  if (name.length < 2) return false;
  if (!/^[\x20-\x7e]+$/.test(name)) return said.includes(name);
  return new RegExp(String.raw`(?<![a-z\d])${RegExp.escape(name)}(?![a-z\d])`).test(said);
}

/** What is written where no model is asked, or where it wrote what cannot be sent. */
export function templateText(facts: PublicFacts, language: MessageLanguage): string {
  return (language === 'ko' ? korean : english)(facts);
}

function korean(facts: PublicFacts): string {
  const { daysAttendedLastWeek: week, currentStreakDays: streak, ratePercent: rate, daysOfSeason } = facts;
  const season = `${NAME}님, 시즌 ${daysOfSeason}일 가운데 ${facts.dayOfSeason}일째예요.`;
  const last =
    week > 0 ? `지난주에는 ${week}일 출석했고, 지금까지 출석률은 ${rate}%예요.` : `지금까지 출석률은 ${rate}%예요.`;
  if (streak >= 2) return `${season} ${last} ${streak}일째 이어 오고 있어요. 이번 주도 이 흐름 그대로 가요!`;
  if (week > 0) return `${season} ${last} 오늘 작은 커밋 하나로 다시 이어 가 봐요.`;
  return `${season} ${last} 쉬어 간 뒤에도 언제든 다시 시작할 수 있어요. 오늘 작은 커밋 하나 심어 볼까요?`;
}

function english(facts: PublicFacts): string {
  const { daysAttendedLastWeek: week, currentStreakDays: streak, ratePercent: rate } = facts;
  const days = (count: number) => `${count} day${count === 1 ? '' : 's'}`;
  const season = `${NAME}, this is day ${facts.dayOfSeason} of ${facts.daysOfSeason}.`;
  const last =
    week > 0
      ? `You attended ${days(week)} last week, and your rate is ${rate}% so far.`
      : `Your rate is ${rate}% so far.`;
  if (streak >= 2) return `${season} ${last} That makes ${days(streak)} in a row: keep it growing this week!`;
  if (week > 0) return `${season} ${last} A small commit today picks it up again.`;
  return `${season} ${last} After a pause one can always start again. How about a small commit today?`;
}
