import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BookView } from '../../server/api/views.ts';
import type { StatisticsView } from '../../server/api/statistics-views.ts';
import { expectKnownTruth, expectNobodyWronged, expectWholeTruth } from '../support/season/expectations.ts';
import { CLOSED, OPENED } from '../support/season/generate.ts';
import { at, dateOf, DAYS } from '../support/season/plan.ts';
import { SeasonRun } from '../support/season/run.ts';
import { OUTAGE } from '../support/season/weather.ts';

/** Another season is proven by another one. */
const SEED = Number(process.env['SEASON_SEED'] ?? 20_250_310);
/** As long as nothing else is to be done on this machine it takes a minute. */
const PATIENCE_MS = 600_000;

/** Days with an end of the server, and what is lost at it. */
const RESTARTS = new Set([33, 88]);
const READ_MODELS_LOST = 61;
const KILLED_BEFORE_NOTING = 75;
/** A day on which everybody is read every hour; on the others only when something is to be seen. */
const EVERY_HOUR = 5;
const REMINDED = new Set([3, 45, 90]);
/** Noons of which the book is kept, to be asked for at the end. */
const REMEMBERED = new Set([20, 50, 80]);

let run: SeasonRun;
const remembered = new Map<string, BookView>();

beforeAll(async () => {
  run = await SeasonRun.start(SEED, OPENED);
}, PATIENCE_MS);
afterAll(() => run[Symbol.asyncDispose]());

const isOut = (seconds: number) => seconds >= OUTAGE.from && seconds < OUTAGE.to;

/** Until that hour things happen; then the book is looked at, everybody is read, and it is looked at again. */
async function reach(day: number, hour: number, minute = 0): Promise<void> {
  await run.until(at(day, hour, minute));
  await expectKnownTruth(run);
  const healing = minute > 0 && !isOut(run.now);
  expectNobodyWronged(run, await run.collect(healing ? 'calm' : 'as it is'));
  await expectKnownTruth(run);
  if (healing) await expectWholeTruth(run);
}

/** The server as it ends and begins again. */
async function interrupt(day: number): Promise<void> {
  if (RESTARTS.has(day)) await run.restart();
  if (day === READ_MODELS_LOST)
    await run.restart((directory) => rmSync(join(directory, 'read-models'), { recursive: true }));
  if (day === KILLED_BEFORE_NOTING) await run.collectAndBeKilled();
}

async function remind(day: number): Promise<void> {
  await run.until(at(day, 22));
  await run.collect('calm');
  const [terms] = run.plan.terms;
  const late = run.truth
    .participants(terms!, run.now)
    .filter((key) => run.truth.state(terms!, key, dateOf(day), run.now, { readAt: run.now }) === 'not yet');
  expect([day, await run.remind(dateOf(day))]).toEqual([day, late.toSorted()]);
  expect(await run.remind(dateOf(day))).toHaveLength(late.length);
}

async function remember(): Promise<void> {
  remembered.set(new Date(run.clock.ms).toISOString(), await run.book(0));
  run.clock.ms += 1_000;
}

describe('a season of thirty people and a hundred days, with a GitHub that fails', () => {
  test(
    'shows nobody as absent who was not, at any midnight and noon, and heals each day',
    async () => {
      for (let day = 0; day < DAYS + 2; day += 1) {
        await reach(day, 0);
        await reach(day, 1, 30);
        if (day === EVERY_HOUR) for (let hour = 2; hour < 12; hour += 1) await reach(day, hour);
        await interrupt(day);
        await reach(day, 12);
        if (REMEMBERED.has(day)) await remember();
        if (REMINDED.has(day)) await remind(day);
      }
    },
    PATIENCE_MS,
  );

  test('ends with the truth that it was made from', async () => {
    await run.until(CLOSED);
    await run.collect('calm');
    await expectKnownTruth(run);
    await expectWholeTruth(run);
  });

  test('has the hours of its own people’s commits, and nobody else’s', async () => {
    for (const [index, terms] of run.plan.terms.entries()) {
      const { hours, ranking } = await run.almanac.query<StatisticsView>('statistics.of', {
        challenge: run.seasons[index],
      });
      const lines = [...run.truth.book(terms, run.now).values()];
      const sum = lines.reduce(
        (all, line) => all.map((count, hour) => count + (line.hours[hour] ?? 0)),
        Array.from({ length: 24 }, () => 0),
      );
      expect(ranking.map(({ rank, rate }) => [rank, rate])).toEqual(
        lines.map(({ rank, rate }) => [rank, rate]).toSorted(([one], [other]) => one! - other!),
      );
      expect([index, hours]).toEqual([index, sum]);
    }
  });

  test('shares ranks between those who attended as much', async () => {
    const { members } = await run.book(0);
    const ranks = members.map(({ rank }) => rank);
    expect(new Set(ranks).size).toBeLessThan(ranks.length);
    for (const { rank, rate } of members)
      expect(rank).toBe(1 + members.filter((other) => (other.rate ?? -1) > (rate ?? -1)).length);
  });

  test.each([20, 50, 80])('knows as of noon of day %i what it knew then', async (day) => {
    const moment = [...remembered].find(([instant]) => instant.startsWith(dateOf(day)));
    const [instant, then] = moment!;
    const now = await run.book(0, instant);
    const told = ({ members, totals, daily, sources }: BookView) => ({ members, totals, daily, sources });
    expect(told(now)).toEqual(told(then));
  });

  test('tells nobody but its owner what a private repository is called', async () => {
    const author = run.handleOf('m06');
    const texts = async (key: string): Promise<string> => {
      const { bearer } = await run.almanac.as(key);
      const ask = async (procedure: string, input: object) =>
        JSON.stringify(await run.almanac.query<unknown>(procedure, input, bearer));
      return [
        await ask('commits.page', { handle: author, limit: 100 }),
        await ask('members.profile', { handle: author }),
        await ask('attendance.day', { date: dateOf(50) }),
        await ask('attendance.book', {}),
      ].join('\n');
    };
    expect(await texts('m06')).toContain('secret-garden');
    const others = await texts('m01');
    expect(others).not.toContain('secret-garden');
    expect(others).not.toContain('m06: change');
  });

  test('writes no private name anywhere but where its owner’s page is made from', async () => {
    await run.almanac.stop();
    const files = (directory: string): string[] =>
      readdirSync(directory).flatMap((name) => {
        const path = join(directory, name);
        return statSync(path).isDirectory() ? files(path) : [path];
      });
    // Read models hold what is shown, and to whom; they are thrown away with whoever is erased.
    const kept = files(run.almanac.dataDirectory).filter((path) => !path.includes('read-models'));
    const holding = kept.filter((path) => readFileSync(path).includes('secret-garden'));
    expect(kept.length).toBeGreaterThan(3);
    expect(holding).toEqual([]);
  });
});
