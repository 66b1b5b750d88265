import type { Diary } from './diary.ts';
import { at, dateOf, DAY_S, DAYS, HOUR_S, type PlannedCommit } from './plan.ts';

/** Monday is 0: the season begins on one. */
const weekday = (day: number) => day % 7;

/** How people work, by the name of the habit. Nobody looks at how Almanac reads it. */
export const HABITS: Readonly<Record<string, (diary: Diary) => void>> = {
  'every day': (diary) => diary.daily(() => true),
  'weekdays only': (diary) => diary.daily((day) => weekday(day) < 5),
  streaks(diary) {
    for (let day = 0; day < DAYS; day += diary.between(1, 3))
      for (let left = diary.between(3, 9); left > 0 && day < DAYS; left -= 1, day += 1) diary.work(day);
  },
  /** The last and the first second of days, and what is night in Seoul and the day before in UTC. */
  'night owl'(diary) {
    for (let day = 0; day < DAYS; day += 1) {
      const [hour, minute, second] = diary.oneOf([
        [23, 59, 59],
        [0, 0, 0],
        [0, 0, 1],
        [4, 30, 0],
        [8, 59, 59],
        [9, 0, 0],
      ]) as [number, number, number];
      if (!diary.happens(0.8)) continue;
      const written = at(day, hour, minute, second);
      diary.push(written + diary.oneOf([0, 1, 20, 400]), [diary.commit(written)]);
    }
  },
  /** Evenings wherever they are: New York, which is an hour nearer since Sunday, Seoul, and London before and after its change. */
  traveller(diary) {
    for (let day = 0; day < DAYS; day += 1) {
      const offset = day < 15 ? -240 : day < 40 ? (at(day, 20) < Date.UTC(2025, 2, 30, 1) / 1000 ? 0 : 60) : 540;
      if (!diary.happens(0.75)) continue;
      const written = Date.parse(`${dateOf(day)}T19:00:00Z`) / 1000 - offset * 60 + diary.between(0, 4 * HOUR_S);
      diary.push(written + 600, [diary.commit(written, { offset })]);
    }
  },
  'private repository'(diary) {
    const secret = diary.repository('secret-garden', { private: true });
    diary.daily(() => diary.happens(0.8), { repository: secret });
  },
  /** The same commits in the fork and, days later, upstream; what others wrote upstream is in both. */
  'fork and upstream'(diary) {
    const upstream = diary.repository('upstream', { owner: 'garden-club', readers: [diary.key] });
    const fork = diary.repository('upstream-fork');
    const foreign = [diary.commit(at(0, 1), { author: 'mallory' }), diary.commit(at(0, 2), { author: 'mallory' })];
    diary.push(at(0, 3), foreign, { repository: upstream });
    diary.push(at(0, 4), foreign, { repository: fork });
    let open: PlannedCommit[] = [];
    for (let day = 0; day < DAYS; day += 1) {
      if (diary.happens(0.6)) open.push(...diary.work(day, { repository: fork }));
      if (open.length === 0 || !diary.happens(0.2)) continue;
      diary.push(at(day, 23, 30), open, { repository: upstream });
      open = [];
    }
  },
  /** Every week what was pushed long before is written anew: other hashes, the same author dates. Both were made. */
  rebaser(diary) {
    let old: PlannedCommit[] = [];
    for (let day = 0; day < DAYS; day += 1) {
      if (day % 10 < 5 && diary.happens(0.8)) old.push(...diary.work(day, {}, 2));
      if (day % 10 !== 9 || old.length === 0) continue;
      const when = at(day, 8, 15);
      const anew = old.map((one) => diary.commit(one.authoredAt, { committedAt: when }));
      diary.push(when, anew, { drops: anew.length });
      old = [];
    }
  },
  /** Works offline for days: the committer's date is as old as the author's. */
  'late pusher'(diary) {
    let kept: PlannedCommit[] = [];
    for (let day = 0; day < DAYS; day += 1) {
      if (diary.happens(0.7)) kept.push(diary.commit(at(day, diary.between(8, 23), diary.between(0, 59))));
      if (kept.length === 0 || !(diary.happens(0.3) || day === DAYS - 1)) continue;
      diary.push(at(day + 1, diary.between(0, 20), 40), kept);
      kept = [];
    }
  },
  /** Throws away what was seen long before (it stays a fact), and what nobody can have seen (it never was). */
  'force pusher'(diary) {
    let seen = 0;
    for (let day = 0; day < DAYS; day += 1) {
      if (diary.happens(0.4)) continue;
      if (day % 15 === 14 && seen > 0) {
        diary.push(at(day, 7, 7), [diary.commit(at(day, 7, 6))], { drops: seen });
        seen = 1;
        continue;
      }
      if (diary.happens(0.2)) {
        const when = at(day, 15, 15);
        diary.push(when, [diary.commit(when - 60, { message: 'a secret by mistake' })], { branch: 'mistake' });
        diary.push(when, [], { branch: 'mistake', drops: 1 });
        continue;
      }
      if (day % 15 < 12) seen += diary.work(day).length;
    }
  },
  'many branches'(diary) {
    diary.daily(() => diary.happens(0.75));
    for (let day = 3; day < DAYS; day += 4) {
      const written = at(day, diary.between(10, 22), 2);
      diary.push(written + 60, [diary.commit(written)], { branch: `topic-${day}` });
    }
  },
  /** Merged on GitHub's pages: committed by GitHub. Who merges by hand is the author of the merge. */
  squasher(diary) {
    diary.repository('orchard', { readers: ['merger'] });
    const repository = `${diary.key}/orchard`;
    for (let day = 0; day < DAYS; day += 1) {
      if (!diary.happens(0.65)) continue;
      const written = at(day, diary.between(9, 22), 10);
      diary.push(written + 30, [diary.commit(written, { committer: 'web-flow' })], { repository });
      if (!diary.happens(0.5)) continue;
      const merge = diary.commit(written + 300, { author: 'merger', message: 'Merge a branch' });
      diary.push(written + 300, [merge], { repository });
    }
  },
  /** Has few commits of their own. */
  merger: (diary) => diary.daily(() => diary.happens(0.15)),
  /** Others commit in their repository, too. */
  host(diary) {
    diary.daily(() => diary.happens(0.5));
    for (let day = 0; day < DAYS; day += 2) {
      const written = at(day, 3, 3);
      const others = ['dependabot[bot]', 'mallory', null];
      diary.push(written, [diary.commit(written, { author: others[(day / 2) % 3] ?? null })]);
    }
  },
  /** Two years of work come in at once, more than a page holds, and some of it is of the season. */
  importer(diary) {
    diary.daily((day) => day >= 30 && diary.happens(0.5));
    const history = Array.from({ length: 230 }, (_, index) =>
      diary.commit(at(12, 20) - (230 - index) * 3 * HOUR_S, { committedAt: at(12, 20) - (230 - index) * 3 * HOUR_S }),
    );
    diary.push(at(12, 21), history, { repository: diary.repository('imported') });
    const busy = Array.from({ length: 120 }, (_, index) => diary.commit(at(50, 10, Math.floor(index / 2), index % 60)));
    diary.push(at(50, 12), busy);
  },
  'many repositories'(diary) {
    const repositories = Array.from({ length: 7 }, (_, index) => diary.repository(`plot-${index}`));
    for (let day = 0; day < DAYS; day += 1)
      if (diary.happens(0.85)) diary.work(day, { repository: diary.oneOf(repositories) });
  },
  'nothing at all': () => undefined,
  /** The clock of their machine is days ahead, or has begun at 1970 again. */
  'wrong clock'(diary) {
    for (let day = 0; day < DAYS; day += 1) {
      if (!diary.happens(0.5)) continue;
      const wrong = diary.oneOf([at(day, 12), at(day + 2, 12), at(day, 12), at(0, 0) - 900 * DAY_S, at(day, 12)]);
      diary.push(at(day, 12, 30), [diary.commit(wrong, { committedAt: at(day, 12) })]);
    }
    diary.push(at(-1, 23, 59), [diary.commit(at(0) - 1)]);
    diary.push(at(DAYS, 0, 30), [diary.commit(at(DAYS) - 1), diary.commit(at(DAYS))]);
  },
  'joins late'(diary) {
    diary.daily(() => diary.happens(0.7));
    diary.does({ kind: 'enter', at: at(31, 10, 20), by: diary.key, from: dateOf(30) });
  },
  leaves(diary) {
    diary.daily(() => diary.happens(0.7));
    diary.does({ kind: 'leave', at: at(60, 11, 11), by: diary.key });
  },
  'leaves and returns'(diary) {
    diary.daily(() => diary.happens(0.7));
    diary.does({ kind: 'leave', at: at(40, 11, 11), by: diary.key });
    diary.does({ kind: 'return', at: at(55, 16, 20), by: diary.key });
  },
  /** Of two excused days one is worked on later all the same. */
  'excused twice'(diary) {
    diary.daily((day) => day !== 20 && day !== 47 && diary.happens(0.8));
    diary.does({ kind: 'excuse', at: at(20, 9, 30), by: diary.key, day: dateOf(20) });
    diary.does({ kind: 'excuse', at: at(46, 9, 30), by: diary.key, day: dateOf(47) });
    diary.push(at(52, 9, 45), [diary.commit(at(47, 18))]);
  },
  /** Corrected both ways; what is pushed later for a day called absent changes nothing, until it is corrected back. */
  corrected(diary) {
    diary.daily((day) => day !== 12 && day !== 30 && day !== 33 && diary.happens(0.8));
    diary.work(15);
    const correct = (when: number, day: number, verdict: 'present' | 'absent') =>
      diary.does({ kind: 'correct', at: when, by: diary.key, day: dateOf(day), verdict });
    correct(at(14, 12, 20), 12, 'present');
    correct(at(18, 12, 20), 15, 'absent');
    correct(at(31, 12, 20), 30, 'absent');
    diary.push(at(35, 12, 20), [diary.commit(at(30, 20)), diary.commit(at(33, 20))]);
    correct(at(70, 12, 20), 15, 'present');
  },
  /** GitHub ends their token; they notice after a week and connect again. */
  'token revoked'(diary) {
    diary.daily(() => diary.happens(0.75));
    diary.does({ kind: 'revoke', at: at(25, 13, 30), by: diary.key });
    diary.does({ kind: 'reconnect', at: at(32, 20, 40), by: diary.key });
  },
  /** Another name for the repository, then for themselves; somebody else takes the name they gave up. */
  renames(diary) {
    diary.daily(() => diary.happens(0.8));
    const repository = `${diary.key}/garden`;
    diary.does({ kind: 'rename repository', at: at(21, 14, 14), by: diary.key, repository, name: 'park' });
    diary.does({ kind: 'rename login', at: at(44, 14, 14), by: diary.key, login: `${diary.key}-the-second` });
    diary.does({ kind: 'stranger comes', at: at(46, 14, 14), by: 'usurper', login: diary.key });
    for (let day = 47; day < DAYS; day += 1) {
      const written = at(day, 5, 5);
      diary.push(written, [diary.commit(written, { author: 'usurper' })]);
    }
  },
  rarely: (diary) => diary.daily(() => diary.happens(0.2)),
  'every other day': (diary) => diary.daily((day) => day % 2 === 0),
  /** As the one before, so that two share a rank. */
  'every other day, too': (diary) => diary.daily((day) => day % 2 === 0),
  /** Has worked from the first day on, signs in a month later, and is entered for all of the season. */
  'comes late'(diary) {
    diary.daily(() => diary.happens(0.8));
    diary.does({ kind: 'arrive', at: at(31, 9, 10), by: diary.key });
    diary.does({ kind: 'enter', at: at(31, 13, 20), by: diary.key, from: null });
  },
  'begins in the middle': (diary) => diary.daily((day) => day >= 50),
};
