import {
  access,
  accessStream,
  AccessRefused,
  approve,
  changeRole,
  deactivate,
  decline,
  invite,
  reactivate,
  signIn,
  type Access,
  type AccessEvent,
  type AccessStatus,
  type Actor,
  type Role,
} from '../../domain/access.ts';
import { challenge, challengeStream, enrol } from '../../domain/challenge.ts';
import { formerOf, identifyAccount, identifyLogin, type Account } from '../../domain/identify-account.ts';
import { presentMember } from '../../domain/member.ts';
import { mergeMembers } from '../../domain/merge-members.ts';
import { activeOwners } from '../../projections/access.ts';
import type { ProjectionName } from '../../projections/all.ts';
import { holderOfIdentity } from '../../projections/members.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute, load } from '../event-store/command-handler.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import { MemberLog } from '../member-log.ts';
import { Deciding } from '../event-store/deciding.ts';

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly models: {
    model(name: ProjectionName): ReadModel;
    waitFor(position: Position, options: { projections: readonly ProjectionName[] }): Promise<void>;
  };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** GitHub logins, in lower case, that the configuration names as owners. */
  readonly owners: readonly string[];
};

/** What shows who somebody is and what they may do: a decision is over when they show it. */
const SHOWN = ['access', 'members'] as const satisfies readonly ProjectionName[];

/**
 * Who is let in and as what. Every method ends when the read models show what was decided, and throws `AccessRefused` where the
 * rules say no, `StoreUnavailable` where the log does not answer, `ReadModelsBehind` where it was decided and is not shown yet.
 */
export class Accounts {
  readonly #given: Given;
  readonly #members: MemberLog;
  readonly #deciding: Deciding;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
    this.#members = new MemberLog(given);
    this.#deciding = new Deciding({ ...given, shown: (position) => this.#shown(position) });
  }

  /**
   * Finds or registers the member an account is, and asks for access or lets them in.
   * @param openChallenge one that takes whoever comes; who is let in by it takes part in it
   * @returns `status`: what has become of their access
   */
  async signIn(
    account: Account,
    { openChallenge }: { openChallenge: string | null },
  ): Promise<{ memberId: string; status: AccessStatus }> {
    const login = account.login.toLowerCase();
    const { memberId, position, hadAnotherAccount, barred } = await this.#members.decide(
      (directory, idOf) => identifyAccount(directory, account, idOf),
      ({ memberId }) => memberId,
    );
    const owner = this.#given.owners.includes(login) && !hadAnotherAccount && !barred;
    // Who was kept out and had themselves erased waits for an admin, as anybody does whom no challenge takes.
    const open = barred ? null : openChallenge;
    const input = { memberId, at: this.#deciding.at(), login, openChallenge: open, owner };
    let status: AccessStatus = 'none';
    const decide = (state: Access) => {
      const events = signIn(input, state);
      ({ status } = events.reduce(access.evolve, state));
      return events;
    };
    await this.#takeInvitation(input);
    if (open !== null) await this.#join(open, memberId, decide);
    await this.#decide(memberId, `sign in ${input.at}`, decide, position);
    return { memberId, status };
  }

  /** Whether an account of GitHub’s, by its number, is a member’s own. */
  isAccountOf(memberId: string, { id }: Pick<Account, 'id'>): boolean {
    return holderOfIdentity(this.#given.models.model('members'), 'github-id', String(id))?.id === memberId;
  }

  /** Invites whoever signs in with a GitHub login; who waits already is let in. */
  async invite({ login, role }: { login: string; role: Role }, actor: Actor): Promise<{ memberId: string }> {
    const at = this.#deciding.at();
    const inviting = (memberId: string) => (state: Access) =>
      invite({ memberId, actor, at, role, login: login.toLowerCase() }, state);
    const { memberId, position } = await this.#members.decide((directory, idOf) => {
      const identified = identifyLogin(directory, login, idOf);
      // Nobody is registered for an invitation that is refused.
      if (identified.events.length > 0) inviting(identified.memberId)(access.initial);
      return identified;
    });
    await this.#decide(memberId, `invite ${role} ${at}`, inviting(memberId), position);
    return { memberId };
  }

  approve(memberId: string, role: Role, actor: Actor): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(memberId, `approve ${role} ${at}`, (state) => approve({ memberId, actor, at, role }, state));
  }

  decline(memberId: string, actor: Actor): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(memberId, `decline ${at}`, (state) => decline({ memberId, actor, at }, state));
  }

  /** @throws {AccessRefused} also when they are the last owner */
  changeRole(memberId: string, role: Role, actor: Actor): Promise<void> {
    const at = this.#deciding.at();
    return this.#inTurn(() =>
      this.#decide(memberId, `role ${role} ${at}`, (state) =>
        this.#leavingAnOwner(memberId, changeRole({ memberId, actor, at, role }, state)),
      ),
    );
  }

  /** @throws {AccessRefused} also when they are the last owner */
  deactivate(memberId: string, actor: Actor): Promise<void> {
    const at = this.#deciding.at();
    return this.#inTurn(() =>
      this.#decide(memberId, `deactivate ${at}`, (state) =>
        this.#leavingAnOwner(memberId, deactivate({ memberId, actor, at }, state)),
      ),
    );
  }

  reactivate(memberId: string, actor: Actor): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(memberId, `reactivate ${at}`, (state) => reactivate({ memberId, actor, at }, state));
  }

  /** Joins somebody known by commits to the account of whom they are, where signing in did not prove it. @throws {AccessRefused} */
  async merge({ id, into }: { id: string; into: string }, { by, role }: Actor): Promise<void> {
    const { store, codec } = this.#given;
    await this.#members.refresh();
    const person = presentMember(this.#members.directory, into)?.memberId ?? into;
    const { state } = await load(store, codec, accessStream(person), access);
    const { position } = await this.#members.decide((directory) => ({
      events: mergeMembers({ memberId: id, into, by, role, intoRole: state.role }, directory),
    }));
    if (position !== null) await this.#shown(position);
  }

  /**
   * Does something to a member that would take their role, such as erasing them; no other owner loses theirs meanwhile.
   * @throws {AccessRefused} when they are the last owner
   */
  keepingAnOwner<Result>(memberId: string, act: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      this.#refuseLastOwner(memberId);
      const result = await act();
      const head = await this.#given.store.head();
      if (head !== null) await this.#shown(head);
      return result;
    });
  }

  /** Who was invited by the login they have now, when they had an account under another, is invited. */
  async #takeInvitation({ memberId, at, login }: { memberId: string; at: string; login: string }): Promise<void> {
    const { store, codec } = this.#given;
    for (const former of formerOf(this.#members.directory, memberId)) {
      const { state } = await load(store, codec, accessStream(former), access);
      const { status, role, invitedAs } = state;
      if (status !== 'invited' || role === null || invitedAs !== login) continue;
      const actor = { by: state.invitedBy ?? 'operator', role: 'owner' } as const;
      await this.#decide(memberId, `invited as ${former}`, (own) =>
        own.status === 'none' || own.status === 'waiting' || own.status === 'invited'
          ? invite({ memberId, actor, at, role, login }, own)
          : [],
      );
    }
  }

  /** Who is about to be let in by a challenge takes part in it first: killed in between, they sign in again. */
  async #join(challengeId: string, memberId: string, decide: (state: Access) => AccessEvent[]): Promise<void> {
    const { store, codec } = this.#given;
    const { state } = await load(store, codec, accessStream(memberId), access);
    const by = `challenge:${challengeId}`;
    if (!decide(state).some(({ type, data }) => type === 'AccessGranted' && data.by === by)) return;
    await execute(store, codec, {
      stream: challengeStream(challengeId),
      aggregate: challenge,
      decide: (open) => enrol({ repositories: [], members: [memberId] }, open),
      commandId: `${challengeId} join ${memberId} ${this.#deciding.at()}`,
    });
  }

  async #decide(
    memberId: string,
    intention: string,
    decide: (state: Access) => AccessEvent[],
    said: Position | null = null,
  ): Promise<void> {
    const decision = { stream: accessStream(memberId), aggregate: access, intention, decide };
    await this.#deciding.shown((await this.#deciding.say(decision)) ?? said);
  }

  #leavingAnOwner(memberId: string, events: AccessEvent[]): AccessEvent[] {
    if (events.some((event) => event.type !== 'RoleChanged' || event.data.role !== 'owner'))
      this.#refuseLastOwner(memberId);
    return events;
  }

  #refuseLastOwner(memberId: string): void {
    const owners = activeOwners(this.#given.models.model('access'));
    if (owners.length === 1 && owners[0] === memberId)
      throw new AccessRefused('last-owner', 'They are the only owner: make somebody else an owner first.');
  }

  /**
   * Two owners who take each other’s role at once: the second is asked when the first is shown, and not at all while read models are
   * behind the log.
   */
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(async () => {
      const head = await this.#given.store.head();
      await this.#deciding.shown(head);
      return act();
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #shown(position: Position): Promise<void> {
    return this.#given.models.waitFor(position, { projections: SHOWN });
  }
}
