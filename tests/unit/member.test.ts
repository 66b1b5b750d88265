import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifyAuthors } from '../../domain/identify-authors.ts';
import { handleFor, isBot, numberedAddressOf, type Author } from '../../domain/identity.ts';
import {
  emptyDirectory,
  evolveDirectory,
  holderOf,
  presentMember,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
} from '../../domain/member.ts';
import { signedBy } from '../../domain/signed-identity.ts';

const idOf = ({ kind, value }: Identity) => `id:${kind}:${value}`;
/** `Kim <kim@example.org>`; with a second one: what the commit says itself. */
const author = (mapped: string, raw = mapped): Author => {
  const [name = '', email = ''] = parts(mapped);
  const [rawName = '', rawEmail = ''] = parts(raw);
  return { name, email, rawName, rawEmail };
};
const parts = (signature: string) => /^(.*?)\s*<(.*)>$/.exec(signature)?.slice(1) ?? [signature, ''];

/** Readings one after the other, each starting from what the ones before said. */
function reading(...readings: Author[][]) {
  let directory: MemberDirectory = emptyDirectory;
  let events: readonly MemberEvent[] = [];
  let memberIds: readonly (string | null)[] = [];
  for (const authors of readings) {
    ({ events, memberIds } = identifyAuthors(directory, authors, idOf));
    directory = evolveDirectory(directory, events);
  }
  const present = memberIds.map((id) => id && presentMember(directory, id));
  return { directory, events, memberIds, present, types: events.map(({ type }) => type) };
}
const people = ({ directory }: { directory: MemberDirectory }) =>
  [...directory.members.values()].filter(({ mergedInto }) => mergedInto === null);

describe('one identity per person', () => {
  test('an address is one person, however it is written and whatever the name', () => {
    const { memberIds, directory } = reading([
      author('김민수 <Kim@Example.org>'),
      author('Minsu Kim < kim@example.org>'),
    ]);
    expect(memberIds).toEqual(['id:email:kim@example.org', 'id:email:kim@example.org']);
    expect(people({ directory })).toMatchObject([{ handle: 'kim', name: 'Minsu Kim', bot: false }]);
  });

  test('both forms of a GitHub no-reply address are the login', () => {
    const { memberIds } = reading([
      author('Kim <12345+MinsuKim@users.noreply.github.com>'),
      author('Kim <minsukim@users.noreply.github.com>'),
    ]);
    expect(new Set(memberIds)).toEqual(new Set(['id:github:minsukim']));
  });

  test('a no-reply address is the one person with ordinary addresses who has that name', () => {
    const after = reading([author('Kim <kim@example.org>'), author('Kim <1+minsu@users.noreply.github.com>')]);
    expect(new Set(after.memberIds).size).toBe(1);
    expect(people(after)).toMatchObject([{ handle: 'minsu', identities: [{ kind: 'email' }, { kind: 'github' }, {}] }]);
  });

  test.each([
    ['the login first', ['Kim <1+minsu@users.noreply.github.com>'], ['Kim <kim@example.org>']],
    ['the address first', ['Kim <kim@example.org>'], ['Kim <1+minsu@users.noreply.github.com>']],
  ])('which of the two was known first does not matter: %s', (_case, first, second) => {
    const after = reading(
      first.map((text) => author(text)),
      second.map((text) => author(text)),
    );
    expect(people(after)).toHaveLength(1);
    expect(new Set(after.types)).toEqual(new Set(['IdentityLinked']));
  });

  test('two people of one name: the no-reply address is a person apart', () => {
    const after = reading([
      author('김민수 <a@example.org>'),
      author('김민수 <1+minsu@users.noreply.github.com>'),
      author('김민수 <b@example.org>'),
    ]);
    expect(new Set(after.memberIds).size).toBe(3);
  });

  test('a shared name alone joins neither two addresses nor two logins', () => {
    expect(
      new Set(reading([author('김민수 <a@x.kr>')], [author('김민수 <b@x.kr>')]).directory.members.keys()).size,
    ).toBe(2);
    const logins = ['Kim <a@users.noreply.github.com>', 'Kim <b@users.noreply.github.com>', 'Kim <kim@x.kr>'];
    expect(people(reading(logins.map((text) => author(text))))).toHaveLength(3);
  });

  test('somebody who has a login already does not get a second one by name', () => {
    const first = [author('Kim <kim@x.kr>'), author('Kim <minsu@users.noreply.github.com>')];
    expect(people(reading(first, [author('Kim <other@users.noreply.github.com>')]))).toHaveLength(2);
  });

  test('without an address the name is the identity, and it joins nobody', () => {
    const { memberIds } = reading([author('Kim <>'), author('Kim <kim@example.org>')]);
    expect(memberIds).toEqual(['id:name:Kim', 'id:email:kim@example.org']);
  });

  test('neither name nor address: nobody', () => {
    expect(reading([author(' <>')])).toMatchObject({ memberIds: [null], events: [] });
  });
});

describe('the mailmap', () => {
  test('links the address it replaces', () => {
    const { events } = reading([author('Kim <kim@new.org>', 'kim <kim@old.org>')]);
    expect(events.slice(1)).toMatchObject([{ data: { value: 'kim@new.org' } }, { data: { value: 'kim@old.org' } }]);
  });

  test('written later, joins two members who were known apart', () => {
    const known = [author('Kim <kim@old.org>'), author('Kim Minsu <kim@new.org>')];
    const mapped = [author('Kim Minsu <kim@new.org>', 'Kim <kim@old.org>'), author('Kim Minsu <kim@new.org>')];
    const after = reading(known, mapped);
    expect(after.events).toEqual([
      { type: 'MemberMerged', data: { memberId: 'id:email:kim@old.org', into: 'id:email:kim@new.org' } },
    ]);
    expect(holderOf(after.directory, { kind: 'email', value: 'kim@old.org' })?.memberId).toBe('id:email:kim@new.org');
  });

  test('written later with an address never seen, gives it to the member known', () => {
    const after = reading([author('Kim <kim@old.org>')], [author('Kim <kim@new.org>', 'Kim <kim@old.org>')]);
    expect(after.memberIds).toEqual(['id:email:kim@old.org']);
    expect(after.types).toEqual(['IdentityLinked']);
  });

  test('changed from one address to another, stays one person', () => {
    const after = reading(
      [author('Kim <kim@first.org>', 'kim <kim@laptop>')],
      [author('Kim <kim@second.org>', 'kim <kim@laptop>')],
    );
    expect(people(after)).toHaveLength(1);
  });

  test('corrected, moves the address and joins nobody', () => {
    const wrong = [author('Lee <lee@x.kr>'), author('Lee <lee@x.kr>', 'kim <kim@laptop>')];
    const right = [author('Lee <lee@x.kr>'), author('Kim <kim@x.kr>', 'kim <kim@laptop>')];
    const after = reading(wrong, right);
    expect(people(after).map(({ name }) => name)).toEqual(['Lee', 'Kim']);
    expect(holderOf(after.directory, { kind: 'email', value: 'kim@laptop' })?.name).toBe('Kim');
  });

  test('that tells people apart by name does not give the shared address to one of them', () => {
    const shared = (text: string) => ({ ...author(text, 'root <root@host>'), sharedAddress: true });
    const after = reading([shared('Alice <alice@x.kr>')], [shared('Bob <bob@x.kr>')]);
    expect(people(after).map(({ name }) => name)).toEqual(['Alice', 'Bob']);
    const together = reading([
      author('Alice <alice@x.kr>', 'a <root@host>'),
      author('Bob <bob@x.kr>', 'b <root@host>'),
    ]);
    expect(people(together)).toHaveLength(2);
    expect(holderOf(together.directory, { kind: 'email', value: 'root@host' })).toBeUndefined();
  });

  test('a merged member counts with the ordinary addresses it brought', () => {
    const after = reading(
      [author('Kim <minsu@users.noreply.github.com>')],
      [author('Kim2 <kim@x.kr>')],
      [author('Kim <minsu@users.noreply.github.com>', 'Kim2 <kim@x.kr>')],
      [author('Kim <other@x.kr>')],
    );
    expect(people(after)).toHaveLength(2);
  });
});

describe('names', () => {
  const kim = author('Kim <kim@example.org>');
  test('the newest is the name', () => {
    expect(reading([kim], [author('김민수 <kim@example.org>')]).events).toEqual([
      { type: 'MemberRenamed', data: { memberId: 'id:email:kim@example.org', name: '김민수' } },
    ]);
  });

  test('of an older commit found later changes nothing', () => {
    expect(reading([kim], [{ ...author('kim92 <kim@example.org>'), outdatedName: true }]).events).toEqual([]);
  });

  test('are shown without control characters, and never empty', () => {
    const { directory } = reading([author('Ki\u0007m\u202e evil\n <kim@example.org>'), author('<lee@example.org>')]);
    expect(people({ directory }).map(({ name }) => name)).toEqual(['Ki m evil', 'lee']);
  });
});

describe('handles', () => {
  test.each([
    [{ kind: 'github', value: 'minsu-kim' }, 'Kim', 'minsu-kim'],
    [{ kind: 'email', value: 'kim.minsu+git@example.org' }, 'Kim', 'kim.minsu-git'],
    [{ kind: 'email', value: '../../etc/passwd@x' }, 'Kim', 'etc-passwd'],
    [{ kind: 'name', value: '김민수 (Kim)' }, '김민수 (Kim)', '김민수-kim'],
    [{ kind: 'email', value: '@x' }, '…', 'member'],
    [
      { kind: 'email', value: `${'🐢a'.repeat(80)}@x` },
      '',
      'a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a',
    ],
  ] as [Identity, string, string][])('%o of %s: %s', (identity, name, handle) => {
    expect(handleFor([identity], name, new Set())).toBe(handle);
  });

  test('are unique', () => {
    const { directory } = reading([author('A <kim@a.org>'), author('B <kim@b.org>'), author('C <kim@c.org>')]);
    expect([...directory.handles]).toEqual(['kim', 'kim-2', 'kim-3']);
  });
});

describe('bots', () => {
  test.each([
    ['dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>', true],
    ['renovate[bot] <x@example.org>', true],
    ['Renovate Bot <bot@renovateapp.com>', true],
    ['GitHub <noreply@github.com>', true],
    ['github-actions <github-actions@github.com>', true],
    ['GitHub Action <action@github.com>', true],
    ['renovate <>', true],
    ['Abbot <abbot@example.org>', false],
    ['Kim Renovate <kim@example.org>', false],
  ])('%s: %s', (signature, bot) => {
    expect(isBot(author(signature))).toBe(bot);
    expect(people(reading([author(signature)]))).toMatchObject([{ bot }]);
  });

  test('are not made of a person by one commit that calls them so, but by all of them', () => {
    const kim = [author('x [bot] <kim@x.kr>'), author('Kim <kim@x.kr>')];
    for (const signed of [kim, kim.toReversed()]) expect(people(reading(signed))).toMatchObject([{ bot: false }]);
    expect(people(reading(kim.slice(0, 1)))).toMatchObject([{ bot: true }]);
  });

  test('share a name with a person and stay apart', () => {
    const after = reading([author('Kim[bot] <kim@x.kr>'), author('Kim[bot] <minsu@users.noreply.github.com>')]);
    expect(people(after)).toHaveLength(2);
  });
});

describe('over any authors', () => {
  const name = fc.constantFrom('Kim', '김민수', 'Lee', '', 'renovate[bot]');
  const email = fc.constantFrom(
    'a@x.kr',
    'B@x.kr',
    'c@x.kr',
    '',
    '1+login@users.noreply.github.com',
    'login@users.noreply.github.com',
    'other@users.noreply.github.com',
  );
  const anyAuthor = fc.record(
    {
      name,
      email,
      rawName: name,
      rawEmail: email,
      sharedAddress: fc.boolean(),
      outdatedName: fc.boolean(),
    },
    { requiredKeys: ['name', 'email', 'rawName', 'rawEmail'] },
  );
  const anyReadings = fc.array(fc.array(anyAuthor, { maxLength: 8 }), { minLength: 1, maxLength: 4 });

  test('deciding the same again says nothing', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const { directory, memberIds } = reading(...readings);
        const again = identifyAuthors(directory, readings.at(-1) ?? [], idOf);
        expect(again).toMatchObject({ events: [], memberIds });
      }),
      { numRuns: 2_000 },
    );
  });

  test('one identity leads to one member who is present, handles are unique, nobody is merged in a circle', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const { directory, memberIds } = reading(...readings);
        (readings.at(-1) ?? []).forEach((author, index) => {
          const identity = signedBy(directory, [author])[0]?.identity ?? null;
          expect(memberIds[index]).toBe(identity && holderOf(directory, identity)?.memberId);
        });
        const members = [...directory.members.values()];
        expect(directory.handles.size).toBe(members.length);
        for (const { memberId } of members) expect(presentMember(directory, memberId)?.mergedInto).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('without a mailmap two ordinary addresses are never one person', () => {
    const unmapped = fc.record({ name, email }).map(({ name, email }) => author(`${name} <${email}>`));
    fc.assert(
      fc.property(fc.array(fc.array(unmapped, { maxLength: 8 }), { minLength: 1, maxLength: 3 }), (readings) => {
        for (const { identities } of people(reading(...readings)))
          expect(
            identities.filter(({ kind, value }) => kind === 'email' && !numberedAddressOf(value)).length,
          ).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
