import { describe, expect, test } from 'vitest';
import type { Actor } from '../../../domain/access.ts';
import { challengeStream, everyDay, type ChallengeEvent } from '../../../domain/challenge.ts';
import type { Account } from '../../../domain/identify-account.ts';
import type { Author } from '../../../domain/identity.ts';
import { memberStream } from '../../../domain/member.ts';
import { author, identityRig as almanac, type IdentityRig as Almanac } from '../../support/identity-rig.ts';

const BOB: Account = { id: 6, login: 'bob', name: 'Bob', emails: ['bob@example.org'] };
const MALLORY: Account = { id: 66, login: 'mallory', name: 'M', emails: ['mallory@evil.example'] };
const BOBS = 'bob@users.noreply.github.com';
const MALLORYS = 'mallory@evil.example';
const owner: Actor = { by: 'local', role: 'owner' };

/** What a repository that anybody may write to says, in one reading or several. */
const FORGERIES: Readonly<Record<string, readonly (readonly Author[])[]>> = {
  'a commit in the name of the login': [[author(`bob <${MALLORYS}>`)]],
  'a commit in their name': [[author(`Bob <${MALLORYS}>`)]],
  'two commits of one name, one of them with the no-reply address': [
    [author(`Zed <${MALLORYS}>`), author(`Zed <${BOBS}>`)],
  ],
  'the same in two readings': [[author(`Zed <${MALLORYS}>`)], [author(`Zed <7+${BOBS}>`)]],
  'a line of a mailmap': [[author(`M <${MALLORYS}>`), author(`M <${MALLORYS}>`, `bob <${BOBS}>`)]],
  'a line of a mailmap written later': [
    [author(`M <${MALLORYS}>`), author(`bob <${BOBS}>`)],
    [author(`M <${MALLORYS}>`), author(`M <${MALLORYS}>`, `bob <${BOBS}>`)],
  ],
  'a line of a mailmap the other way round': [[author(`bob <${BOBS}>`, `M <${MALLORYS}>`)]],
};
const read = async ({ read: reading }: Almanac, readings: readonly (readonly Author[])[]) => {
  for (const authors of readings) await reading(...authors);
};

describe.each(Object.entries(FORGERIES))('an invitation is not taken over by %s', (_what, readings) => {
  const theBobOfTheInvitation = async (server: Almanac, guest: string) => {
    const mallory = await server.signIn(MALLORY);
    expect(mallory).not.toBe(guest);
    expect(server.access(mallory)).toMatchObject({ status: 'waiting', role: null });
    expect(server.invited(), 'it is listed until it is taken').toEqual([guest]);
    await server.signIn(MALLORY);
    expect(server.access(mallory)?.status).toBe('waiting');
    expect(await server.signIn(BOB)).toBe(guest);
    expect(server.access(guest)).toMatchObject({ status: 'active', role: 'owner' });
    expect(server.identities(guest)).not.toContain(`email ${MALLORYS}`);
    expect(server.identities(mallory)).not.toContain('github bob');
  };
  test('read before the invitation', async () => {
    await using server = await almanac();
    await read(server, readings);
    await theBobOfTheInvitation(server, await server.invite('bob'));
  });
  test('read after the invitation', async () => {
    await using server = await almanac();
    const guest = await server.invite('bob');
    await read(server, readings);
    await theBobOfTheInvitation(server, guest);
  });
  test('read when the attacker has signed in already', async () => {
    await using server = await almanac();
    const mallory = await server.signIn(MALLORY);
    await read(server, readings);
    const guest = await server.invite('bob');
    await read(server, readings);
    expect(await server.signIn(MALLORY)).toBe(mallory);
    await theBobOfTheInvitation(server, guest);
  });
});

describe.each(Object.entries(FORGERIES))(
  'the owner named by the configuration is not locked out by %s',
  (_what, readings) => {
    test('read before either has signed in', async () => {
      await using server = await almanac({ owners: ['bob'] });
      await read(server, readings);
      const mallory = await server.signIn(MALLORY);
      const bob = await server.signIn(BOB);
      expect(bob).not.toBe(mallory);
      expect(server.access(bob)).toMatchObject({ status: 'active', role: 'owner' });
      expect(server.access(mallory)).toMatchObject({ status: 'waiting', role: null });
    });
  },
);

describe('somebody known by commits is not had by who pairs a login with their name', () => {
  const mallorys = author('Kim <mallory@users.noreply.github.com>');
  const kims = author('Kim <kim@example.org>');
  test.each([
    ['in one reading', [[kims, mallorys]]],
    ['in a reading of its own', [[kims], [mallorys]]],
    ['before the first commit of theirs is read', [[mallorys], [kims]]],
    ['by a mailmap', [[kims], [author('Kim <mallory@users.noreply.github.com>', 'Kim <kim@example.org>')]]],
    ['by a mailmap the other way round', [[kims], [kims, author('Kim <kim@example.org>', 'M <mallory@evil.example>')]]],
  ])('%s: what is theirs is neither exported nor erased', async (_how, readings) => {
    await using server = await almanac();
    await read(server, readings);
    const [kim] = await server.read(kims);
    const mallory = await server.signIn(MALLORY);
    expect(kim).not.toBe(mallory);
    expect(server.identities(mallory)).not.toContain('email kim@example.org');
    expect(await server.erase(mallory)).toEqual([mallory]);
    expect(kim && server.member(kim)).toMatchObject({ name: 'Kim' });
    expect(await server.read(kims), 'their next commit is theirs').toEqual([kim]);
  });
  test('in one reading: they have their own addresses from their own account', async () => {
    await using server = await almanac();
    await read(server, [[kims, mallorys]]);
    await server.signIn(MALLORY);
    const account = await server.signIn({ id: 7, login: 'kim', name: 'Kim', emails: ['kim@example.org'] });
    expect(await server.read(kims)).toEqual([account]);
  });
});

describe('a login that was given up', () => {
  const numbered = author('Kim <7+kim@users.noreply.github.com>');
  const KIM: Account = { id: 7, login: 'kim', name: 'Kim', emails: [] };
  const THIEF: Account = { ...MALLORY, login: 'kim' };
  test('does not bring whoever takes it the commits of the account that had it: they are neither exported nor erased', async () => {
    await using server = await almanac();
    const [kim = ''] = await server.read(numbered);
    const thief = await server.signIn(THIEF);
    expect(thief).not.toBe(kim);
    expect(await server.erase(thief)).toEqual([thief]);
    expect(await server.read(numbered), 'their next commit is theirs').toEqual([kim]);
    const account = await server.signIn({ ...KIM, login: 'kim-now' });
    expect(await server.read(numbered), 'and their account’s, whatever it is called by now').toEqual([account]);
  });
  test('does not move what is signed with the number of the account that had it', async () => {
    await using server = await almanac();
    const kim = await server.signIn(KIM);
    await server.signIn({ ...KIM, login: 'kim-now' });
    expect(await server.signIn(THIEF)).not.toBe(kim);
    expect(await server.read(numbered)).toEqual([kim]);
  });
});

describe('what somebody has proven stays theirs', () => {
  const KIM: Account = { id: 7, login: 'kim', name: 'Kim', emails: ['kim@example.org'] };
  const kims = author('Kim <kim@example.org>');
  const mapped = author(`M <${MALLORYS}>`, 'Kim <kim@example.org>');
  test('when whoever a mailmap took them for is erased', async () => {
    await using server = await almanac();
    const [mallory = ''] = await server.read(mapped);
    const kim = await server.signIn(KIM);
    expect(kim).not.toBe(mallory);
    await server.erase(mallory ?? '');
    expect(await server.read(kims)).toEqual([kim]);
  });
  test('though an admin had joined whom a mailmap took them for to somebody else', async () => {
    await using server = await almanac();
    const [taken = ''] = await server.read(mapped);
    const mallory = await server.signIn({ ...MALLORY, emails: [] });
    await server.accounts.merge({ id: taken ?? '', into: mallory }, owner);
    const kim = await server.signIn(KIM);
    expect(await server.read(kims)).toEqual([kim]);
    await server.erase(mallory);
    expect(await server.read(kims)).toEqual([kim]);
  });
  test('though a commit called them a program before', async () => {
    await using server = await almanac();
    await server.read(author('x [bot] <kim@example.org>'));
    const kim = await server.signIn(KIM);
    expect(await server.read(kims)).toEqual([kim]);
  });
});

test('an admin joins nobody to an owner', async () => {
  await using server = await almanac({ owners: ['bob'] });
  const [id = ''] = await server.read(author('Bo <bo@old.example>'));
  const into = await server.signIn(BOB);
  const merge = (actor: Actor) => server.accounts.merge({ id: id ?? '', into }, actor);
  await expect(merge({ by: 'ada', role: 'admin' })).rejects.toMatchObject({ reason: 'not-allowed' });
  await merge(owner);
  expect(server.member(id ?? '')?.id).toBe(into);
});

describe('who is who they say', () => {
  const kim: Account = { id: 7, login: 'garden-kim', name: '김정원', emails: ['kim@example.org', 'kim@work.example'] };
  const commits = [author('Kim <kim@example.org>'), author('Kim <7+garden-kim@users.noreply.github.com>')];

  test('has the commits of the past under verified addresses when they come in by an invitation', async () => {
    await using server = await almanac();
    const [past] = await server.read(...commits);
    const guest = await server.invite('garden-kim', 'admin');
    expect(await server.signIn(kim)).toBe(guest);
    expect(server.access(guest)).toMatchObject({ status: 'active', role: 'admin' });
    expect(past && server.member(past)?.id).toBe(guest);
    expect(await server.read(...commits)).toEqual([guest, guest]);
    expect(server.mergers()).toMatchObject([{ actor: guest, subject: past, detail: { into: guest } }]);
  });
  test('has them when nobody had invited them, too, and is called as their account', async () => {
    await using server = await almanac();
    const [past] = await server.read(...commits, author('Kim at work <kim@work.example>'));
    const memberId = await server.signIn(kim);
    expect(past && server.member(past)).toMatchObject({ id: memberId, name: '김정원' });
    await server.read(author('Somebody Else <kim@example.org>'));
    expect(server.member(memberId)).toMatchObject({ name: '김정원' });
  });
  test('keeps what is proven where one old address is not, until an admin joins the rest', async () => {
    await using server = await almanac();
    const old = author('Kim <kim@old.example>');
    const mapped = author('Kim <kim@example.org>', 'kim <kim@old.example>');
    const [past = ''] = await server.read(mapped);
    const memberId = await server.signIn(kim);
    expect(memberId).not.toBe(past);
    expect(await server.read(author('Kim <kim@example.org>'), old)).toEqual([memberId, past]);
    await server.accounts.merge({ id: past ?? '', into: memberId }, { by: 'ada', role: 'admin' });
    expect(await server.read(old)).toEqual([memberId]);
    expect(server.mergers()).toMatchObject([{ actor: 'ada', subject: past, detail: { into: memberId } }]);
  });
  test('is joined by a mailmap while they are known by commits', async () => {
    await using server = await almanac();
    await server.read(author('Kim <kim@old.example>'), author('Kim <kim@example.org>'));
    const [one, other] = await server.read(
      author('Kim <kim@example.org>', 'Kim <kim@old.example>'),
      commits[0] as Author,
    );
    expect(one).toBe(other);
    expect(server.mergers()).toEqual([]);
  });
  test('is invited by the login they have by now, when they waited under another', async () => {
    await using server = await almanac();
    const memberId = await server.signIn(kim);
    const guest = await server.invite('kim-garden', 'admin');
    expect(server.invited()).toEqual([guest]);
    expect(await server.signIn({ ...kim, login: 'kim-garden' })).toBe(memberId);
    expect(server.access(memberId)).toMatchObject({ status: 'active', role: 'admin' });
    expect(server.invited()).toEqual([]);
  });
  test('is shown by the login that they have now', async () => {
    await using server = await almanac();
    const memberId = await server.signIn(BOB);
    await server.signIn({ ...BOB, login: 'zed' });
    expect(server.login(memberId)).toBe('zed');
    await server.signIn(BOB);
    expect(server.login(memberId)).toBe('bob');
  });
});

describe('an invitation', () => {
  test('of somebody who was merged into an account by an older rule lets in only the login it names', async () => {
    await using server = await almanac();
    const mallory = await server.signIn(MALLORY);
    const guest = await server.invite('bob');
    await server.say(memberStream(guest), { type: 'MemberMerged', data: { memberId: guest, into: mallory } });
    expect(await server.signIn(MALLORY)).toBe(mallory);
    expect(server.access(mallory)).toMatchObject({ status: 'waiting', role: null });
  });
  test('to a login that somebody had once is for who has it now', async () => {
    await using server = await almanac();
    const before = await server.signIn({ ...MALLORY, login: 'bob' });
    await server.signIn(MALLORY);
    const guest = await server.invite('bob');
    expect(guest).not.toBe(before);
    expect(server.access(before)?.status).toBe('waiting');
    expect(await server.signIn(BOB)).toBe(guest);
  });
  test('is not merged away by an admin', async () => {
    await using server = await almanac();
    const into = await server.signIn(MALLORY);
    const id = await server.invite('bob');
    await expect(server.accounts.merge({ id, into }, owner)).rejects.toMatchObject({ reason: 'not-one' });
    expect(server.invited()).toEqual([id]);
  });
});

describe('somebody erased', () => {
  const open: ChallengeEvent = {
    type: 'ChallengeOpened',
    data: { challengeId: 'open', title: 't', timeZone: 'UTC', season: { kind: 'rolling', days: 7 }, rule: everyDay },
  };
  const keptOut = {
    declined: async ({ accounts, signIn }: Almanac) => {
      const memberId = await signIn(MALLORY);
      await accounts.decline(memberId, owner);
      return memberId;
    },
    deactivated: async ({ accounts, signIn }: Almanac) => {
      const memberId = await signIn(MALLORY);
      await accounts.approve(memberId, 'member', owner);
      await accounts.deactivate(memberId, owner);
      return memberId;
    },
  };
  test.each(Object.entries(keptOut))(
    'who had been %s is not let in by an open challenge, however often they come back',
    async (_what, keepOut) => {
      await using server = await almanac({ owners: ['mallory-the-owner'] });
      await server.say(challengeStream('open'), open);
      const before = await keepOut(server);
      await server.erase(before);
      for (const time of ['first', 'second']) {
        const memberId = await server.signIn(MALLORY, 'open');
        expect(server.access(memberId)?.status, time).toBe('waiting');
        await server.signIn({ ...MALLORY, login: 'mallory-the-owner' }, 'open');
        expect(server.access(memberId)?.status, `${time}, again, by a login that the configuration names`).toBe(
          'waiting',
        );
        await server.erase(memberId);
      }
      const memberId = await server.signIn(MALLORY, 'open');
      await server.accounts.approve(memberId, 'member', owner);
      expect(server.access(memberId)?.status).toBe('active');
    },
  );
  test('who was in is taken by an open challenge again', async () => {
    await using server = await almanac();
    await server.say(challengeStream('open'), open);
    await server.erase(await server.signIn(BOB, 'open'));
    expect(server.access(await server.signIn(BOB, 'open'))).toMatchObject({ status: 'active', role: 'member' });
  });
  test('does not leave their login to the configuration: another account that takes it is no owner', async () => {
    await using server = await almanac({ owners: ['bob'] });
    await server.erase(await server.signIn(BOB));
    const thief = await server.signIn({ ...MALLORY, login: 'bob' });
    expect(server.access(thief)?.status).toBe('waiting');
  });
  test('is the owner that the configuration names when they come back themselves', async () => {
    await using server = await almanac({ owners: ['bob'] });
    await server.erase(await server.signIn(BOB));
    expect(server.access(await server.signIn(BOB))).toMatchObject({ status: 'active', role: 'owner' });
  });
});
