/** A log as years of work leave it behind, written straight into the embedded store's file: appending it would take minutes. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { createCodec, type Codec } from '../../server/event-store/codec.ts';
import { eventLogFile, openForWriting, prepareLog } from '../../server/event-store/sqlite/log-file.ts';

const MEMBERS = 200;
const CHALLENGE = 'gardeners';
const FIRST_DAY = Date.UTC(2021, 0, 1);
const DAY_MS = 86_400_000;
export const SUBJECTS = [
  'Fix the order of days when the season spans a year',
  'Add a test for commits at midnight',
  '출석부 화면에서 오늘 칸이 비어 보이던 문제를 고침',
  'Read every page of the answer, not only the first',
  'Bump dependencies',
  'Refactor: move the calendar out of the collector\n\nThe day a commit belongs to is a rule, not a detail of where it was read from.\nBoth collectors call it now, and the tests of hosts in other zones pass.',
];

export type Entry = { readonly stream: string; readonly event: AlmanacEvent };

/** Always the same events: what looks random is derived from a counter. */
function* journal(): Generator<Entry> {
  yield* opening();
  for (let day = 0; ; day += 1) {
    const date = new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10);
    for (let member = 0; member < MEMBERS; member += 1) yield* dayOfMember(`member-${member}`, member, day, date);
    const through = `${date}T23:59:59Z`;
    yield {
      stream: 'collection-repository',
      event: {
        type: 'CollectionCompleted',
        data: { source: 'local-git', sourceId: 'repository', through, observed: MEMBERS },
      },
    };
  }
}

function* opening(): Generator<Entry> {
  const rule = { commitsPerDay: 1, excludedWeekdays: [], excusedDays: 0 };
  const season = { kind: 'rolling', days: 100 } as const;
  const challenge = { challengeId: CHALLENGE, title: 'Gardeners', timeZone: 'Asia/Seoul', season, rule };
  const repository = {
    repositoryId: 'repository',
    name: 'almanac',
    source: 'local-git',
    location: '/srv/almanac',
  } as const;
  yield { stream: 'repository-repository', event: { type: 'RepositoryRegistered', data: repository } };
  yield { stream: `challenge-${CHALLENGE}`, event: { type: 'ChallengeOpened', data: challenge } };
  for (let member = 0; member < MEMBERS; member += 1) {
    const memberId = `member-${member}`;
    const stream = `member-${memberId}`;
    const value = `developer-${member}@example.org`;
    const data = { memberId, handle: `developer-${member}`, name: `개발자 ${member}`, bot: false };
    yield { stream, event: { type: 'MemberRegistered', data } };
    yield { stream, event: { type: 'IdentityLinked', data: { memberId, kind: 'email', value } } };
    yield {
      stream: `challenge-${CHALLENGE}`,
      event: { type: 'MemberJoined', data: { challengeId: CHALLENGE, memberId } },
    };
  }
}

/** Six days of seven with commits, two to four each. */
function* dayOfMember(memberId: string, member: number, day: number, date: string): Generator<Entry> {
  if ((day * 5 + member) % 7 === 0) return;
  const commits = 2 + ((day + member) % 3);
  let sha = '';
  for (let index = 0; index < commits; index += 1) {
    sha = createHash('sha1').update(`${memberId} ${day} ${index}`).digest('hex');
    const hour = String((member + index * 3) % 24).padStart(2, '0');
    const at = `${date}T${hour}:${String((day + member) % 60).padStart(2, '0')}:07Z`;
    const message = `${SUBJECTS[(day + member + index) % SUBJECTS.length] ?? ''} (#${day + index})`;
    const times = { authoredAt: at, authorOffset: 540, committedAt: at, observedAt: at };
    const data = { memberId, repositoryId: 'repository', sha, ...times, message };
    yield { stream: `commits-${memberId}-${date.slice(0, 7)}`, event: { type: 'CommitObserved', data } };
  }
  const mark = { challengeId: CHALLENGE, memberId, day: date, evidence: sha };
  yield { stream: `attendance-${CHALLENGE}-${memberId}`, event: { type: 'AttendanceMarked', data: mark } };
}

/** @param codec what seals personal fields; default: nothing @returns the file */
export const writeJournal = (directory: string, count: number, codec: Codec = createCodec()): string =>
  writeEntries(directory, journal().take(count), codec);

/** Writes these events as a log of their own. @returns the file */
export function writeEntries(directory: string, entries: Iterable<Entry>, codec: Codec = createCodec()): string {
  mkdirSync(directory, { recursive: true });
  const file = eventLogFile(directory);
  prepareLog(file);
  const database = openForWriting(file);
  const addStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
  const addEvent = database.prepare(
    'INSERT INTO events (position, stream, revision, recorded_at, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const streams = new Map<string, { no: number; revision: number }>();
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  let position = 0;
  for (const { stream, event } of entries) {
    position += 1;
    let place = streams.get(stream);
    if (!place) streams.set(stream, (place = { no: Number(addStream.run(stream).lastInsertRowid), revision: 0 }));
    const id = createHash('md5').update(String(position)).digest('hex');
    const uuid = `${id.slice(0, 8)}-${id.slice(8, 12)}-5${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20)}`;
    const at = FIRST_DAY + position * 100;
    const { type, data, metadata } = codec.encode(event, uuid);
    const written = [JSON.stringify(data), JSON.stringify(metadata)] as const;
    addEvent.run(position, place.no, place.revision, at, uuid, type, ...written);
    place.revision += 1;
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return file;
}
