import { endOfDay, localTime, startOfDay, type Day } from '../domain/calendar.ts';
import { heldBy, type CommitScope } from './commit-activity.ts';
import type { ReadModel } from './projection.ts';

/** Days of a member on which a commit was written between two local hours (`to` excluded), in order. */
export function daysWithin(
  times: readonly number[],
  zone: string,
  { from, to }: { readonly from: number; readonly to: number },
): Day[] {
  const days = new Set<Day>();
  for (const seconds of times) {
    const { day, hour } = localTime(seconds, zone);
    if (hour >= from && hour < to) days.add(day);
  }
  return [...days];
}

/** When each member's commits of these days were written (seconds since the epoch, in order), by member. */
export function commitTimes(
  model: ReadModel,
  { repositories, from, to, zone }: CommitScope,
  memberId?: string,
): Map<string, number[]> {
  const held = heldBy(model, repositories);
  const ofMember = memberId === undefined ? '' : 'member_id = ? AND ';
  const rows = model.all<{ member_id: string; authored_at: number }>(
    `SELECT member_id, authored_at FROM commits
      WHERE ${ofMember}authored_at >= ? AND authored_at < ?${held.sql} ORDER BY authored_at`,
    ...(memberId === undefined ? [] : [memberId]),
    ...[startOfDay(from, zone), endOfDay(to, zone)],
    ...held.values,
  );
  const times = new Map<string, number[]>();
  for (const { member_id, authored_at } of rows) {
    const known = times.get(member_id);
    if (known) known.push(authored_at);
    else times.set(member_id, [authored_at]);
  }
  return times;
}

/** Whether somebody has said that everybody may see a repository. */
export const isPublicRepository = (model: ReadModel, repositoryId: string): boolean =>
  model.get<{ private: number }>('SELECT private FROM repositories WHERE repository_id = ?', repositoryId)?.private ===
  0;
