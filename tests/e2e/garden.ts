import { GitRepository, type CommitSpec } from '../support/git-repository.ts';
import { startServer, type ServerUnderTest } from '../support/server.ts';

/**
 * A zone in which it is about noon now: a test that runs across midnight would find today to be yesterday.
 * (The signs of the Etc zones are those of POSIX: Etc/GMT-9 is nine hours ahead.)
 */
export const noonZone = (): string => {
  const ahead = 12 - Temporal.Now.zonedDateTimeISO('UTC').hour;
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
};

export const ZONE = noonZone();
export const today = (): Temporal.PlainDate => Temporal.Now.plainDateISO(ZONE);
export const daysAgo = (days: number): string => today().subtract({ days }).toString();

/** An instant of a local day in the tests' zone, as git takes it. */
export const at = (daysBefore: number, time: string): string =>
  today()
    .subtract({ days: daysBefore })
    .toZonedDateTime({ timeZone: ZONE, plainTime: Temporal.PlainTime.from(time) })
    .toString({ timeZoneName: 'never' });

export const HANEUL = '김하늘 <haneul@example.org>';
export const MARIA = 'María González <maria@example.org>';
export const QUIET = 'Quiet Neighbour <quiet@example.org>';
export const BOT = 'dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>';

/** 김하늘 comes every day but one, María every third day; a neighbour came long ago; a bot comes when it likes. */
function* seasonOfCommits(): Generator<CommitSpec> {
  yield { author: QUIET, at: at(300, '10:00'), message: 'Long ago' };
  for (let day = 99; day >= 1; day -= 1) {
    if (day !== 7) yield { author: HANEUL, at: at(day, '09:30'), message: `물을 준다 ${day}` };
    if (day % 3 === 1)
      yield { author: MARIA, at: at(day, '11:45'), message: `Prune the hedge ${day}\n\nBefore the birds come back.` };
    if (day % 20 === 0) yield { author: BOT, at: at(day, '04:00'), message: 'Bump seeds from 1 to 2' };
  }
  yield { author: HANEUL, at: at(0, '08:15'), message: '첫 물' };
  yield { author: HANEUL, at: at(0, '08:20'), message: '<script>alert("두 번째")</script>' };
}

export type Garden = AsyncDisposable & { repository: GitRepository; server: ServerUnderTest; url: string };

/** The product on a repository as a group of people would have it. */
export async function startGarden(commits: Iterable<CommitSpec> = seasonOfCommits()): Promise<Garden> {
  await using started = new AsyncDisposableStack();
  const repository = started.use(await GitRepository.create({ name: '정원' }));
  await repository.commits([...commits]);
  const server = started.use(await startServer({ repositories: [repository.path], env: { TIME_ZONE: ZONE } }));
  await server.ready();
  const all = started.move();
  return { repository, server, url: server.url, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
