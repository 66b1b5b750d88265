import { createHash } from 'node:crypto';
import type { TimeZone } from '../../../domain/calendar.ts';
import { GitHubRefused } from '../../identity/github-faults.ts';
import { knownAccount, ownAccount, type GitHubAccount } from './account.ts';
import type { Credential } from './credential.ts';
import type { MemberCursor, MemberState, RepositoryCursor } from './cursors.ts';
import { listOf, listOfOwn, listRepositories, type ListedRepository, type Listing } from './listing.ts';
import { neededSince, tagToAskWith } from './needs.ts';
import type { Collected } from './people.ts';
import { readRepositories, type Found, type RepositoriesRead } from './read-repositories.ts';

export type Access = {
  readonly as: Credential;
  /** By the member's own token, which shows private repositories, too; else by that of the settings. */
  readonly own: boolean;
  /** GitHub's numbers of the repositories the member has connected. */
  readonly connected: ReadonlySet<number>;
};

export type MemberRead = {
  readonly found: readonly Found[];
  /** Everything on the list, whether it is read or not. */
  readonly listed: readonly ListedRepository[];
  readonly cursors: ReadonlyMap<number, RepositoryCursor>;
  /** null: the list was not read to its end. */
  readonly member: MemberCursor | null;
  /** Why not all could be read; null: all was. */
  readonly failure: unknown;
};

type Asked = { readonly now: number; readonly timeZone: TimeZone };

/**
 * Reads what is new of a member at GitHub. What breaks off in the middle tells what was read until then.
 * @param asked `now`: seconds since the epoch; `timeZone`: whose days count where there is no season
 * @returns null: nothing is new
 * @throws {GitHubUnavailable} @throws {GitHubRefused} @throws {TokenRevoked} where not even the list could be read
 */
export async function readMember(
  person: Collected,
  access: Access,
  before: MemberState,
  { now, timeZone }: Asked,
): Promise<MemberRead | null> {
  const since = neededSince(person.seasons, now, timeZone);
  const wanted = wantedOf(person, access);
  const list = new MemberList(person, access);
  const listing = await list.read(tagToAskWith(before.member, { wanted, since, now }));
  if (listing === null) return null;
  const reading = { as: access.as, since, mayRead: mayRead(access), account: () => list.account() };
  const first = await readRepositories(reading, listing, before.repositories);
  const memberOf = ({ etag, repositories }: Listing, { cursors }: RepositoriesRead): MemberCursor => {
    // A tag would hide a push that came in the same second as the one that was read.
    const isSure = repositories.every(
      (one) => !mayRead(access)(one) || cursors.get(one.githubId)?.pushedAt !== 0 || one.pushedAt === 0,
    );
    return { etag: isSure ? etag : null, wanted, since, listedAt: now };
  };
  if (!first.gone) return readOf(listing, first, memberOf(listing, first));
  // Renamed, moved or deleted since it was listed: the list as it is now says which.
  const anew = await list.read(null);
  if (anew === null) return readOf(listing, first, null);
  const second = await readRepositories(reading, anew, first.cursors);
  return readOf(anew, { ...second, found: [...first.found, ...second.found] }, memberOf(anew, second));
}

const readOf = (
  { repositories: listed }: Listing,
  { found, cursors, failure }: RepositoriesRead,
  member: MemberCursor | null,
): MemberRead => ({ found, listed, cursors, member: failure === null ? member : null, failure });

/** Public ones are everybody's to see; of private ones the member has chosen. */
const mayRead =
  ({ own, connected }: Access) =>
  ({ private: hidden, githubId }: ListedRepository): boolean =>
    !hidden || (own && connected.has(githubId));

const wantedOf = ({ memberId, login, accountId }: Collected, { own, connected }: Access): string =>
  createHash('sha256')
    .update(JSON.stringify([memberId, accountId ?? login, own, [...connected].toSorted((one, other) => one - other)]))
    .digest('hex');

/** The list of a member's repositories, and whose it is. */
class MemberList {
  readonly #person: Collected;
  readonly #access: Access;
  #account: Promise<GitHubAccount> | null = null;

  constructor(person: Collected, access: Access) {
    this.#person = person;
    this.#access = access;
  }

  /** Asked at most once; a list that is as it was needs to know nobody. @throws {GitHubRefused} for a token that is somebody else's */
  account(): Promise<GitHubAccount> {
    return (this.#account ??= this.#ask());
  }

  async #ask(): Promise<GitHubAccount> {
    const { as, own } = this.#access;
    if (!own) return knownAccount(as, this.#person);
    const account = await ownAccount(as);
    if (this.#person.accountId !== null && account.id !== this.#person.accountId) throw new GitHubRefused('forbidden');
    return account;
  }

  /** @returns null: as it was when it had this tag */
  async read(etag: string | null): Promise<Listing | null> {
    const { as, own } = this.#access;
    if (own) return listRepositories(as, listOfOwn, etag);
    const { login } = this.#person;
    if (etag !== null && login !== null && (await this.#isAsBefore(login, etag))) return null;
    // Logins are given up and taken by others: the list is that of whoever has the number.
    return listRepositories(as, listOf((await this.account()).login), null);
  }

  async #isAsBefore(login: string, etag: string): Promise<boolean> {
    try {
      return (await listRepositories(this.#access.as, listOf(login), etag)) === null;
    } catch (error) {
      if (error instanceof GitHubRefused && error.reason === 'not_found') return false;
      throw error;
    }
  }
}
