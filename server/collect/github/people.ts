import { isKeptOut } from '../../../domain/access-status.ts';
import { listAccess } from '../../../projections/access.ts';
import type { ProjectionName } from '../../../projections/all.ts';
import { identitiesOf, loginOf, memberById } from '../../../projections/members.ts';
import type { ReadModel } from '../../../projections/projection.ts';
import { openParticipations } from '../../../projections/season-rosters.ts';
import type { OpenSeason } from './needs.ts';

/** Somebody whose commits at GitHub are read. */
export type Collected = {
  readonly memberId: string;
  /** As it was last known; it may be somebody else's by now. */
  readonly login: string | null;
  /** GitHub's number of their account; null: they have never signed in. */
  readonly accountId: number | null;
  readonly seasons: readonly OpenSeason[];
};

/**
 * Whose commits are read: those who may come in, and those who take part in a season that is open; no programs, and nobody who has no
 * account at GitHub that anybody knew of.
 */
export function peopleCollected(model: (name: ProjectionName) => ReadModel): Collected[] {
  const members = model('members');
  const seasons = new Map<string, OpenSeason[]>();
  const enter = (memberId: string, ...more: OpenSeason[]) => {
    const member = memberById(members, memberId);
    if (member && !member.bot) seasons.set(member.id, [...(seasons.get(member.id) ?? []), ...more]);
  };
  const access = listAccess(model('access'));
  for (const { memberId, status } of access) if (status === 'active') enter(memberId);
  for (const { memberId, season, timeZone } of openParticipations(model('attendance-book')))
    enter(memberId, { season, timeZone });
  for (const { memberId, status } of access) if (isKeptOut(status)) seasons.delete(memberId);
  return [...seasons].flatMap(([memberId, taking]) => {
    const login = loginOf(members, memberId);
    const accountId = accountOf(members, memberId);
    return login === null && accountId === null ? [] : [{ memberId, login, accountId, seasons: taking }];
  });
}

function accountOf(members: ReadModel, memberId: string): number | null {
  const number = identitiesOf(members, memberId).find(({ kind }) => kind === 'github-id')?.value;
  return number === undefined ? null : Number(number);
}
