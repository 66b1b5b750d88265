import { rmSync } from 'node:fs';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { challengeStream, everyDay } from '../../domain/challenge.ts';
import { commitStream, type SeenCommit } from '../../domain/commit-history.ts';
import { connectionStream } from '../../domain/connection.ts';
import { findMember } from '../../projections/members.ts';
import { Accounts } from '../../server/identity/accounts.ts';
import { gitHubRepositoryId } from '../../server/identity/github-connections.ts';
import { derivedId } from '../../server/event-store/codec.ts';
import { Estate, type Running } from './estate.ts';
import { GitRepository } from './git-repository.ts';

/** As the author of the public commits signs. */
export const KIMS_ACCOUNT = { id: 501, login: 'kim', emails: ['kim@example.org'] } as const;
export const GITHUB_ID = 987_654_321;
export const PRIVATE_ID = gitHubRepositoryId(GITHUB_ID);
/** What of the private repository is to be seen by nobody but the author of the commit. */
export const CANARIES = {
  name: 'hush/orchard-of-canaries',
  message: 'Graft the midnight plum',
  body: 'The rootstock came from the abbey',
  sha: 'c0ffee5eed5c0ffee5eed5c0ffee5eed5c0ffee5',
  url: 'github.com/hush',
  number: String(GITHUB_ID),
} as const;
/** Of a commit that somebody else wrote in that repository, which they have not connected themselves. */
export const LEES_CANARIES = {
  message: 'Whitewash the hidden trunks',
  sha: 'facade5eed5facade5eed5facade5eed5facade5',
} as const;
/** Challenges beside the book of the public repository: one follows both repositories, one counts whatever there is. */
export const BOTH = 'both-gardens';
export const EVERYTHING = 'everything';
export const DAY = '2024-05-03';

/** A data directory with a public repository on this disk, and commits of a private one that kim has connected. */
export class PrivateLog implements AsyncDisposable {
  readonly estate = new Estate();
  readonly repository: GitRepository;

  private constructor(repository: GitRepository) {
    this.repository = repository;
  }

  /**
   * kim's commits: two in public, two that both repositories hold (the first of them was seen in the private one before), one in
   * private. lee's: one in public, one in private.
   */
  static async create(): Promise<PrivateLog> {
    const log = new PrivateLog(await GitRepository.create());
    const { repository, estate } = log;
    const lee = 'Lee <lee@example.org>';
    await repository.commits([
      { at: '2024-05-01T12:00:00+09:00', message: 'Dig in public' },
      { at: '2024-05-02T12:00:00+09:00', message: 'Seen in public first' },
      { at: `${DAY}T13:00:00+09:00`, message: 'Sow in public', author: lee },
    ]);
    await using running = await estate.start();
    await running.collect(repository.path);
    const kim = await signIn(running);
    const shared = await repository.commit({ at: `${DAY}T08:00:00+09:00`, message: 'Seen in private first' });
    const publicFirst = await repository.git('rev-parse', 'HEAD~2');
    await log.#connect(running, kim);
    await observe(running, kim, { sha: shared, authoredAt: '2024-05-02T23:00:00Z', message: 'Seen in private first' });
    await observe(running, kim, {
      ...{ sha: CANARIES.sha, authoredAt: '2024-05-03T11:00:00Z' },
      message: `${CANARIES.message}\n\n${CANARIES.body}`,
    });
    await observe(running, memberCalled(running, 'lee'), {
      ...LEES_CANARIES,
      authoredAt: '2024-05-03T12:00:00Z',
    });
    await alsoObserve(running, kim, publicFirst);
    await running.collect(repository.path);
    await log.#open(running, [kim, memberCalled(running, 'lee')]);
    // The product's own first reading is to find everything anew, and make its book of it.
    rmSync(estate.path('collect'), { recursive: true });
    return log;
  }

  #connect(running: Running, memberId: string): Promise<void> {
    const at = '2024-05-04T00:00:00Z';
    const { name } = CANARIES;
    const data = { memberId, repositoryId: PRIVATE_ID, githubId: GITHUB_ID, name, private: true, at };
    return say(running, connectionStream(memberId), { type: 'RepositoryConnected', data });
  }

  async #open(running: Running, members: readonly string[]): Promise<void> {
    const publicId = running.readModels
      .model('commit-activity')
      .all<{ id: string }>('SELECT repository_id AS id FROM repositories WHERE private = 0')
      .map(({ id }) => id);
    const season = { kind: 'fixed', start: '2024-05-01', days: 10 } as const;
    for (const [challengeId, repositories] of [
      [BOTH, [...publicId, PRIVATE_ID]],
      [EVERYTHING, []],
    ] as const) {
      const data = { challengeId, title: challengeId, timeZone: 'Asia/Seoul', season, rule: everyDay };
      await say(
        running,
        challengeStream(challengeId),
        { type: 'ChallengeOpened', data },
        ...repositories.map((repositoryId) => ({
          ...{ type: 'RepositoryFollowed' as const, data: { challengeId, repositoryId } },
        })),
        ...members.map((memberId) => ({ type: 'MemberJoined' as const, data: { challengeId, memberId } })),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.estate[Symbol.asyncDispose]();
    await this.repository[Symbol.asyncDispose]();
  }
}

/** Only who has an account connects repositories. @returns the member they are */
async function signIn({ store, codec, readModels: models }: Running): Promise<string> {
  const accounts = new Accounts({ store, codec, models, now: Date.now, owners: [] });
  return (await accounts.signIn({ ...KIMS_ACCOUNT, name: null }, { openChallenge: null })).memberId;
}

function memberCalled({ readModels }: Running, handle: string): string {
  const member = findMember(readModels.model('members'), handle);
  if (!member) throw new Error(`Nobody is called ${handle}.`);
  return member.id;
}

async function say({ store, codec, readModels }: Running, stream: string, ...events: AlmanacEvent[]): Promise<void> {
  const appended = events.map((event) => codec.encode(event, derivedId('said', stream, JSON.stringify(event))));
  const { position } = await store.append(stream, appended, { expectedRevision: 'any' });
  await readModels.waitFor(position);
}

const observe = (
  running: Running,
  memberId: string,
  { sha, authoredAt, message }: Pick<SeenCommit, 'sha' | 'authoredAt' | 'message'>,
): Promise<void> =>
  say(running, commitStream(memberId, '2024-05'), {
    type: 'CommitObserved',
    data: {
      ...{ memberId, repositoryId: PRIVATE_ID, sha, authoredAt, message },
      ...{ authorOffset: 540, committedAt: authoredAt, observedAt: '2024-05-04T00:00:00Z' },
    },
  });

const alsoObserve = (running: Running, memberId: string, sha: string): Promise<void> =>
  say(running, commitStream(memberId, '2024-05'), {
    type: 'CommitAlsoObserved',
    data: {
      ...{ memberId, repositoryId: PRIVATE_ID, sha },
      ...{ authoredAt: '2024-05-02T03:00:00Z', observedAt: '2024-05-04T00:00:00Z' },
    },
  });
