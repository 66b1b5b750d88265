import { Diary } from './diary.ts';
import { HABITS } from './habits.ts';
import { at, dateOf, DAYS, FIRST_DAY, type Happening, type Person, type SeasonPlan, type Terms } from './plan.ts';

/** Everything that happens in the season of thirty people, the same for the same seed. */
export function seasonOf(seed: number): SeasonPlan {
  const people = Object.entries(HABITS).map(([habit, live], index): Person => {
    const diary = new Diary(seed, keyOf(habit, index));
    live(diary);
    return diary.person(habit);
  });
  const others = ['dependabot[bot]', 'mallory'].map((key) => strangers(seed, key));
  const happenings = [...people, ...others]
    .flatMap((one) => one.happenings)
    .toSorted((one, other) => one.at - other.at);
  return { people, others, happenings, terms: termsOf(people, happenings) };
}

/** Whose login stands in another's plan has it for a name; the others are numbered. */
const keyOf = (habit: string, index: number) => (habit === 'merger' ? habit : `m${String(index + 1).padStart(2, '0')}`);

/** They push to what is theirs alone, where nobody looks. */
function strangers(seed: number, key: string): Person {
  const diary = new Diary(seed, key);
  for (let day = 0; day < DAYS; day += 9) diary.work(day);
  return diary.person('stranger');
}

function termsOf(people: readonly Person[], happenings: readonly Happening[]): Terms[] {
  const late = new Set(happenings.flatMap(({ kind, by }) => (kind === 'enter' ? [by] : [])));
  const everybody = people.map(({ key }) => key).filter((key) => !late.has(key));
  return [
    {
      ...{ title: 'A hundred days', start: FIRST_DAY, days: DAYS, zone: 'Asia/Seoul' },
      ...{ commitsPerDay: 1, excludedWeekdays: [], excusedDays: 2, participants: everybody },
    },
    {
      // Its clocks change on the sixth day.
      ...{ title: 'Two a working day', start: dateOf(14), days: 60, zone: 'Europe/London' },
      ...{ commitsPerDay: 2, excludedWeekdays: [6, 7], excusedDays: 0 },
      participants: everybody.filter((_, index) => index % 2 === 0),
    },
  ];
}

/** The season is opened the evening before its first day, and looked at for the last time two days after its last. */
export const OPENED = at(-1, 18);
export const CLOSED = at(DAYS + 2, 12);
