import { expect } from 'vitest';
import type { BookMember, BookView } from '../../../server/api/views.ts';
import type { Terms } from './plan.ts';
import type { SeasonRun } from './run.ts';
import type { Known, TrueState } from './truth.ts';

const STATE_OF: Readonly<Record<string, TrueState>> = {
  p: 'present',
  a: 'absent',
  e: 'excused',
  n: 'not yet',
  u: 'unknown',
  o: 'outside',
};
const statesOf = ({ states }: BookMember): TrueState[] => [...states].map((letter) => STATE_OF[letter] ?? 'unknown');

/** Members of a book by their names in the plan. */
function byKey(run: SeasonRun, book: BookView): Map<string, BookMember> {
  const keys = new Map([...run.members].map(([key, { id }]) => [id, key]));
  return new Map(book.members.map((member) => [keys.get(member.id) ?? member.name, member]));
}

/** What a reading that is in the book knows of a member. */
function knownOf(book: BookView, { id }: BookMember): Known & { readonly said: string } {
  const source = book.sources.find(({ repositoryId }) => repositoryId === id);
  const through = source?.through ?? null;
  const said = `read through ${through}${source?.failure ? `, failing: ${source.failure.reason}` : ''}`;
  return {
    readAt: through === null ? null : Date.parse(through) / 1000,
    failing: (source?.failure ?? null) !== null,
    said,
  };
}

/**
 * Nobody is said to have missed a day that they attended, be it that Almanac could not know: what it says to have read to its end it
 * has read. It may know more than that of what was read before something failed.
 */
export async function expectKnownTruth(run: SeasonRun): Promise<void> {
  for (const [index, terms] of run.plan.terms.entries()) {
    const book = await run.book(index);
    const faults: string[] = [];
    const members = byKey(run, book);
    expect([...members.keys()].toSorted()).toEqual(run.truth.participants(terms, run.now).toSorted());
    for (const [key, member] of members) {
      const known = knownOf(book, member);
      statesOf(member).forEach((shown, place) => {
        const date = book.dates[place] ?? '';
        const expected = run.truth.state(terms, key, date, run.now, known);
        if (shown === expected || (shown === 'present' && isTrue(run, terms, key, date))) return;
        if (shown === 'unknown' && run.entered.has(key)) return;
        faults.push(`${key} ${date}: ${shown}, in truth ${expected} (${timeOf(run)}, ${known.said})`);
      });
    }
    expect(faults).toEqual([]);
  }
}

/** Also while everybody is being read, and what was read is not counted yet, nobody is said to have missed a day that they attended. */
export function expectNobodyWronged(run: SeasonRun, glances: readonly BookView[]): void {
  const terms = run.plan.terms[0] as Terms;
  const faults = glances.flatMap((book) =>
    [...byKey(run, book)].flatMap(([key, member]) => {
      const known = knownOf(book, member);
      return statesOf(member).flatMap((shown, place) => {
        const date = book.dates[place] ?? '';
        if (shown !== 'absent' || run.truth.state(terms, key, date, run.now, known) === 'absent') return [];
        return [`${key} ${date} (${timeOf(run)}, ${known.said})`];
      });
    }),
  );
  expect(faults).toEqual([]);
}

const isTrue = ({ truth, now }: SeasonRun, terms: Terms, key: string, date: string) =>
  truth.state(terms, key, date, now, { readAt: now }) === 'present';

const timeOf = ({ clock }: SeasonRun) => new Date(clock.ms).toISOString();

/** Whatever failed has healed: every figure of everybody whose token holds is that of the truth. */
export async function expectWholeTruth(run: SeasonRun): Promise<void> {
  run.entered.clear();
  for (const [index, terms] of run.plan.terms.entries()) {
    const book = await run.book(index);
    const lines = run.truth.book(terms, run.now);
    const isWhole = run.revoked.size === 0;
    for (const [key, member] of byKey(run, book)) {
      if (run.revoked.has(key)) continue;
      const line = lines.get(key);
      expect({
        ...{ key, states: statesOf(member), attended: member.attended, countable: member.countable },
        ...{ rate: member.rate, current: member.currentStreak, longest: member.longestStreak },
        ...{ commits: member.commits, rank: isWhole ? member.rank : line?.rank },
      }).toEqual({
        ...{ key, states: line?.states, attended: line?.attended, countable: line?.countable },
        ...{ rate: line?.rate, current: line?.current, longest: line?.longest },
        ...{ commits: line?.commits, rank: line?.rank },
      });
    }
  }
}
