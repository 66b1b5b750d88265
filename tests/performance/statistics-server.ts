/** The server whose statistics page `statistics.ts` measures: in a process of its own, so that the asking is not counted. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays } from '../../domain/calendar.ts';
import { loadSettings } from '../../server/config.ts';
import { start } from '../../server/main.ts';
import { writeEntries, type Entry } from './million-events.ts';

export const SEASON = 'a-year';
const MEMBERS = 1_000;
const DAYS = 365;

/** A thousand people through a year that ends yesterday, each with a commit on about three days of four. */
function* year(): Generator<Entry> {
  const first = addDays(new Date().toISOString().slice(0, 10), -DAYS);
  const challengeId = SEASON;
  const season = { kind: 'fixed', start: first, days: DAYS } as const;
  const rule = { commitsPerDay: 1, excludedWeekdays: [], excusedDays: 0 };
  const challenge = `challenge-${challengeId}`;
  const repository = { repositoryId: 'garden', name: 'garden', source: 'local-git', location: '/garden' } as const;
  yield { stream: 'repository-garden', event: { type: 'RepositoryRegistered', data: repository } };
  const opened = { challengeId, title: 'A year', timeZone: 'Asia/Seoul', season, rule };
  yield { stream: challenge, event: { type: 'ChallengeOpened', data: opened } };
  yield { stream: challenge, event: { type: 'RepositoryFollowed', data: { challengeId, repositoryId: 'garden' } } };
  for (let member = 0; member < MEMBERS; member += 1) {
    const memberId = `member-${member}`;
    const data = { memberId, handle: `developer-${member}`, name: `개발자 ${member}`, bot: false };
    yield { stream: `member-${memberId}`, event: { type: 'MemberRegistered', data } };
    yield { stream: challenge, event: { type: 'MemberJoined', data: { challengeId, memberId } } };
  }
  for (let day = 0; day < DAYS; day += 1)
    for (let member = 0; member < MEMBERS; member += 1)
      if ((member * 7 + day * 3 + (day % 5) * member) % 4 !== 0)
        yield* attended(`member-${member}`, addDays(first, day), member);
  const read = { source: 'local-git', sourceId: 'garden', through: new Date().toISOString(), observed: 1 } as const;
  yield { stream: 'collection-garden', event: { type: 'CollectionCompleted', data: read } };
}

function* attended(memberId: string, day: string, member: number): Generator<Entry> {
  const sha = createHash('sha1').update(`${memberId} ${day}`).digest('hex');
  const at = `${day}T${String(member % 15).padStart(2, '0')}:30:00Z`;
  const times = { authoredAt: at, authorOffset: 540, committedAt: at, observedAt: at };
  const commit = { memberId, repositoryId: 'garden', sha, ...times, message: 'Water the plants' };
  yield { stream: `commits-${memberId}-${day.slice(0, 7)}`, event: { type: 'CommitObserved', data: commit } };
  const mark = { challengeId: SEASON, memberId, day, evidence: sha };
  yield { stream: `attendance-${SEASON}-${memberId}`, event: { type: 'AttendanceMarked', data: mark } };
}

const dataDirectory = mkdtempSync(join(tmpdir(), 'almanac-data-'));
writeEntries(dataDirectory, year());
const settings = loadSettings({ dataDir: dataDirectory, port: '0', logLevel: 'warn' }, {}, dataDirectory);
const server = await start(settings, 'measured', { dashboard: true });
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => {
  void server.close().then(() => rmSync(dataDirectory, { recursive: true, force: true }));
});
process.send?.({ url: server.url });
