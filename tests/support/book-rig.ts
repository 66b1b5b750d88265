import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attendanceStream } from '../../domain/attendance.ts';
import { dayOf } from '../../domain/calendar.ts';
import { challengeStream, everyDay, type Season } from '../../domain/challenge.ts';
import { commitStream } from '../../domain/commit-history.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream } from '../../domain/member.ts';
import { collectionStream, repositoryStream } from '../../domain/repository.ts';
import { appRouter } from '../../server/api/router.ts';
import type { Services } from '../../server/api/services.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { historyOf } from '../../server/history.ts';
import { LOCAL, type Caller } from '../../server/identity/caller.ts';
import { openPast } from '../../server/past.ts';
import { currentSeason } from '../../server/seasons/current-season.ts';
import { openReadModels } from '../../server/read-models/database.ts';
import { shaOf } from './keeper-rig.ts';

/** A season of twenty days in Seoul that follows the repository `garden`. */
export const challengeId = 'hundred';
export const START = Date.parse('2025-03-10T00:30:00Z');
export const HOUR = 3_600_000;
export const season: Season = { kind: 'fixed', start: '2025-03-10', days: 20 };
const place = (memberId: string) => ({ challengeId, memberId });

export type Saying = { stream: string; event: AlmanacEvent };
export const say = {
  opened: (id = challengeId, of = season): Saying => ({
    stream: challengeStream(id),
    event: {
      type: 'ChallengeOpened',
      data: {
        ...{ challengeId: id, title: 'hundred', timeZone: 'Asia/Seoul' },
        ...{ season: of, rule: { ...everyDay, excusedDays: 9 } },
      },
    },
  }),
  followed: (): Saying => ({
    stream: challengeStream(challengeId),
    event: { type: 'RepositoryFollowed', data: { challengeId, repositoryId: 'garden' } },
  }),
  registered: (memberId: string): Saying => ({
    stream: memberStream(memberId),
    event: {
      type: 'MemberRegistered',
      data: { memberId, handle: memberId, name: `${memberId} the gardener`, bot: false },
    },
  }),
  joined: (memberId: string): Saying => ({
    stream: challengeStream(challengeId),
    event: { type: 'MemberJoined', data: place(memberId) },
  }),
  left: (memberId: string): Saying => ({
    stream: challengeStream(challengeId),
    event: { type: 'MemberLeft', data: place(memberId) },
  }),
  merged: (memberId: string, into: string): Saying => ({
    stream: memberStream(memberId),
    event: { type: 'MemberMerged', data: { memberId, into } },
  }),
  erased: (memberId: string, at: string): Saying => ({
    stream: memberStream(memberId),
    event: { type: 'MemberErased', data: { memberId, identityIds: [], by: 'local', at } },
  }),
  commit: (
    memberId: string,
    authoredAt: string,
    more: { authorOffset?: number; observedAt?: string; repositoryId?: string } = {},
  ): Saying => ({
    stream: commitStream(memberId, authoredAt.slice(0, 7)),
    event: {
      type: 'CommitObserved',
      data: {
        ...{ memberId, repositoryId: 'garden', sha: shaOf(randomUUID()), authoredAt, authorOffset: 540 },
        ...{ committedAt: authoredAt, observedAt: authoredAt, message: 'Water the plants', ...more },
      },
    },
  }),
  marked: (memberId: string, day: string): Saying => ({
    stream: attendanceStream(challengeId, memberId, season, day),
    event: { type: 'AttendanceMarked', data: { ...place(memberId), day, evidence: shaOf(day) } },
  }),
  source: (repositoryId: string): Saying => ({
    stream: repositoryStream(repositoryId),
    event: {
      type: 'RepositoryRegistered',
      data: { repositoryId, name: repositoryId, source: 'local-git', location: `/${repositoryId}` },
    },
  }),
  corrected: (
    memberId: string,
    day: string,
    verdict: 'present' | 'absent',
    previous: 'present' | 'absent' | 'none' = 'none',
  ): Saying => ({
    stream: attendanceStream(challengeId, memberId, season, day),
    event: {
      type: 'AttendanceCorrected',
      data: { ...place(memberId), day, verdict, previous, reason: 'it was seen', by: 'local' },
    },
  }),
  excused: (memberId: string, day: string): Saying => ({
    stream: attendanceStream(challengeId, memberId, season, day),
    event: { type: 'DayExcused', data: { ...place(memberId), day, reason: 'ill', by: 'local' } },
  }),
  read: (through: string): Saying => ({
    stream: collectionStream('garden'),
    event: { type: 'CollectionCompleted', data: { source: 'local-git', sourceId: 'garden', through, observed: 1 } },
  }),
  failed: (at: string): Saying => ({
    stream: collectionStream('garden'),
    event: {
      type: 'CollectionFailed',
      data: { source: 'local-git', sourceId: 'garden', at, reason: 'missing', message: 'gone' },
    },
  }),
};

/** A log with a clock that is set by hand, and the API over it. */
export async function openRig(limits?: { kept: number; waiting: number; foldingMs: number }) {
  const directory = mkdtempSync(join(tmpdir(), 'almanac-as-of-'));
  let now = START;
  const store = await openSqliteEventStore({ directory, now: () => now });
  const codec = createCodec();
  const log = { kind: 'sqlite', directory } as const;
  const models = await openReadModels({ directory, log });
  const past = openPast(models, { directory, log, ...(limits && { limits }) });
  const services: Services = {
    now: () => now,
    model: (name: string) => models.model(name),
    past,
    defaultChallenge: (then?: Pick<Services, 'model' | 'now'>) =>
      currentSeason((then ?? services).model('attendance-book'), (then ?? services).now() / 1000),
    timeZone: 'Asia/Seoul',
    history: historyOf({ store, codec }),
    openText: codec.openKept,
  } as unknown as Services;
  return {
    past,
    /** Where the log is, for another past of it. */
    place: { directory, log },
    files: () => {
      const folder = join(directory, 'read-models', 'past');
      return existsSync(folder) ? readdirSync(folder) : [];
    },
    api: appRouter.createCaller({ services, caller: LOCAL, requestId: 'test' }),
    /** As somebody else asks it. */
    as: (caller: Caller) => appRouter.createCaller({ services, caller, requestId: 'test' }),
    get now() {
      return now;
    },
    pass: (milliseconds: number) => (now += milliseconds),
    async write(...said: Saying[]) {
      for (const { stream, event } of said) {
        const { position } = await store.append(stream, [codec.encode(event, randomUUID())], {
          expectedRevision: 'any',
        });
        await models.waitFor(position, { timeout: 20_000 });
      }
    },
    async [Symbol.asyncDispose]() {
      await past.close();
      await models.close();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type Rig = Awaited<ReturnType<typeof openRig>>;
export const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
export const today = ({ now }: Rig) => dayOf(now / 1000, 'Asia/Seoul');
