import { describe, expect, test } from 'vitest';
import { clientName } from '../../web/src/lib/account/client-name.ts';
import { dayOf } from '../../web/src/lib/account/day-of.ts';
import { afterSignIn, signInAddress, wayFor } from '../../web/src/lib/account/gate.ts';
import { isProven, shownIdentities } from '../../web/src/lib/account/identities.ts';
import { expiryDays, isKeyScope, scopesFor } from '../../web/src/lib/account/key-form.ts';
import { faultText } from '../../web/src/lib/account/outcome.ts';
import { cookieHeader, cookieOf } from '../../web/src/lib/account/passed-cookies.ts';
import { found } from '../../web/src/lib/account/repository-search.ts';
import { assignable, callOf, isLastOwner, isLogin, mayChange } from '../../web/src/lib/admin/access-form.ts';
import { identity as en } from '../../web/src/lib/i18n/identity.en.ts';
import type { AccessView, CallerView } from '../../server/api/views.ts';

const caller = (facts: Partial<CallerView>): CallerView => ({
  kind: 'nobody',
  role: null,
  member: null,
  local: false,
  canSignIn: true,
  ...facts,
});
const at = (address: string) => new URL(address, 'http://almanac.test');

describe('the way of a reader', () => {
  const nobody = caller({});
  const waiting = caller({ kind: 'waiting' });
  const member = caller({ kind: 'session', role: 'member' });

  test('leads who is not signed in to sign in, and back afterwards', () => {
    expect(wayFor(nobody, '/members/[handle]', at('/members/mona?page=2'))).toBe(
      '/sign-in?next=%2Fmembers%2Fmona%3Fpage%3D2',
    );
    expect(wayFor(nobody, '/', at('/'))).toBe('/sign-in');
  });
  test('does not lead back to what a form did', () =>
    expect(wayFor(nobody, '/status', at('/status?/collect'))).toBe(signInAddress('/status')));
  test.each([
    ['/account/erase', '/account'],
    ['/account/erase?confirm=mona', '/account'],
    ['/account/erase/', '/account'],
    ['/account/%65rase', '/account'],
    ['/status?page=%E0%A4%A', '/status?page=%E0%A4%A'],
    ['/%E0%A4%A', '/%E0%A4%A'],
    ['/account/repositories', '/account/repositories'],
    ['/', '/'],
  ])('after signing in, asked for %s, leads to %s', (next, way) => expect(afterSignIn(next)).toBe(way));
  test('through signing in never leads to the question of erasing oneself', () =>
    expect(wayFor(nobody, '/(identity)/account/erase', at('/account/erase'))).toBe('/sign-in?next=%2Faccount'));
  test('leads who waits to wait, and lets them leave and be erased', () => {
    expect(wayFor(waiting, '/', at('/'))).toBe('/waiting');
    expect(wayFor(waiting, '/(identity)/account', at('/account'))).toBe('/waiting');
    for (const page of ['sign-in', 'waiting', 'account/erase'])
      expect(wayFor(waiting, `/(identity)/${page}`, at(`/${page}`))).toBeNull();
  });
  test('is free for who is in, at the keyboard, and while nobody can say who asks', () => {
    expect(wayFor(member, '/', at('/'))).toBeNull();
    expect(wayFor(caller({ kind: 'local', role: 'owner', local: true }), '/', at('/'))).toBeNull();
    expect(wayFor(null, '/', at('/'))).toBeNull();
  });
  test('is free to the pages of signing in and of preferences, and to what is no page', () => {
    expect(wayFor(nobody, '/(identity)/sign-in', at('/sign-in'))).toBeNull();
    expect(wayFor(nobody, '/preferences', at('/preferences?/theme'))).toBeNull();
    expect(wayFor(nobody, null, at('/orchard'))).toBeNull();
  });
});

describe('cookies of the API', () => {
  test('are handed to the browser as they were set', () =>
    expect(cookieOf('__Host-almanac-access=a%3Db; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax')).toEqual({
      name: '__Host-almanac-access',
      value: 'a=b',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
      maxAge: 2_592_000,
    }));
  test('are forgotten when the API says so', () => expect(cookieOf('a=; Max-Age=0').maxAge).toBe(0));
  test('go with the questions that follow', () =>
    expect(
      cookieHeader([
        { name: 'a', value: 'b=c' },
        { name: 'd', value: 'e' },
      ]),
    ).toBe('a=b%3Dc; d=e'));
});

describe('a session’s program is told in words', () => {
  const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit';
  const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
  test.each([
    [`${WINDOWS} Chrome/141.0.0.0 Safari/537.36`, 'Chrome', 'Windows'],
    [`${WINDOWS} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`, 'Edge', 'Windows'],
    [`${WINDOWS} Chrome/132.0.0.0 Whale/4.31.304.16 Safari/537.36`, 'Whale', 'Windows'],
    [`${MAC}/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15`, 'Safari', 'macOS'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0', 'Firefox', 'Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iPhone',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1',
      'Chrome',
      'iPhone',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet',
      'Android',
    ],
    ['curl/8.14.1', 'curl', null],
    ['', null, null],
  ])('%s', (userAgent, browser, system) => expect(clientName(userAgent)).toEqual({ browser, system }));
});

test('an address is proven where GitHub says so, an account always, a name never; a number is not shown', () => {
  expect(isProven({ kind: 'github', value: 'mona' })).toBe(true);
  expect(isProven({ kind: 'name', value: 'Mona' })).toBe(false);
  expect(isProven({ kind: 'email', value: 'm@example.org' })).toBeNull();
  expect(isProven({ kind: 'email', value: 'm@example.org', proven: true })).toBe(true);
  const known = [
    { kind: 'github-id', value: '583231' },
    { kind: 'github', value: 'mona' },
  ];
  expect(shownIdentities(known)).toEqual([known[1]]);
});

test('the day of an instant is that of the zone', () => {
  expect(dayOf('2026-11-21T21:00:00Z', 'Asia/Seoul')).toBe('2026-11-22');
  expect(dayOf('2026-11-21T21:00:00Z', 'UTC')).toBe('2026-11-21');
});

describe('a key', () => {
  test('is good for one of the times offered', () => {
    expect(['30', '90', '365', 'never', '31', '', '1e9'].map(expiryDays)).toEqual([
      30,
      90,
      365,
      null,
      undefined,
      undefined,
      undefined,
    ]);
  });
  test('of a member administers nothing', () => {
    expect(scopesFor('member')).toEqual(['read', 'log:write']);
    expect(scopesFor('admin')).toContain('admin');
    expect(isKeyScope('write')).toBe(false);
  });
});

test('a fault is told of its field, else of its kind', () => {
  const fields = { name: 'Name it.' };
  expect(faultText({ status: 400, field: 'name' }, en.faults, fields)).toBe('Name it.');
  expect(faultText({ status: 403, field: null }, en.faults, fields)).toBe(en.faults[403]);
  expect(faultText({ status: 418, field: 'spout' }, en.faults, fields)).toBe(en.faults.other);
});

test('repositories are found by every word of their names; what is connected stands first', () => {
  const choices = [
    { name: 'mona/Garden', connected: false },
    { name: 'mona/notes', connected: false },
    { name: 'mona/secret-garden', connected: true },
  ];
  expect(found(choices, ' gar  MONA ').map(({ name }) => name)).toEqual(['mona/secret-garden', 'mona/Garden']);
  expect(found(choices, '')).toHaveLength(3);
  expect(found(choices, 'orchard')).toEqual([]);
});

describe('who may change whom', () => {
  const person = (facts: Partial<AccessView>): AccessView => ({
    id: '1',
    handle: 'mona',
    name: '',
    login: null,
    role: 'member',
    status: 'active',
    since: '2026-11-21T21:00:00Z',
    ...facts,
  });
  test('admins change members, owners change everybody', () => {
    expect(mayChange('admin', 'member')).toBe(true);
    expect(mayChange('admin', 'admin')).toBe(false);
    expect(mayChange('owner', 'owner')).toBe(true);
    expect(mayChange('member', 'member')).toBe(false);
    expect(assignable('admin')).toEqual(['member']);
  });
  test('the last owner stays', () => {
    const owner = person({ role: 'owner' });
    const former = person({ id: '2', role: 'owner', status: 'deactivated' });
    expect(isLastOwner(owner, [owner, former, person({ id: '3' })])).toBe(true);
    expect(isLastOwner(owner, [owner, person({ id: '2', role: 'owner' })])).toBe(false);
    expect(isLastOwner(person({}), [owner])).toBe(false);
  });
  test('whoever has not come yet is called by their account', () => {
    expect(callOf({ name: '', login: 'octocat', handle: 'octocat-1' })).toBe('octocat');
    expect(callOf({ name: 'Mona', login: 'octocat', handle: 'octocat' })).toBe('Mona');
  });
  test.each([
    ['octocat', true],
    ['Octo-Cat-1', true],
    ['octo--cat', false],
    ['-octocat', false],
    ['octocat-', false],
    ['a'.repeat(40), false],
    ['', false],
  ])('%s as an account of GitHub: %s', (login, expected) => expect(isLogin(login)).toBe(expected));
});
