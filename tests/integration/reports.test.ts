import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GitRepository } from '../support/git-repository.ts';
import { pdfText } from '../support/pdf-text.ts';
import { startAlmanac, type Almanac, type Person } from '../support/signed-in.ts';

let repository: GitRepository;
let almanac: Almanac;
let kim: Person;
let lee: Person;
const daysAgo = (days: number) => `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z`;
beforeAll(async () => {
  repository = await GitRepository.create({ name: '정원' });
  for (const day of [3, 2, 1, 0])
    await repository.commit({
      ...{ at: daysAgo(day), message: 'secret-subject', author: '=김정원 <1+kim@users.noreply.github.com>' },
    });
  almanac = await startAlmanac({ repositories: [repository.path], env: { TIME_ZONE: 'UTC' } });
  almanac.github.addUser({ login: 'kim', id: 1 });
  kim = await almanac.signIn('kim');
  await almanac.mutate(almanac.owner.bearer, 'users.approve', { id: kim.id });
  lee = await almanac.join('lee');
  await almanac.mutate(almanac.owner.bearer, 'status.collectNow');
});
afterAll(async () => {
  await almanac?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const get = (path: string, as: Readonly<Record<string, string>> = lee.bearer) => almanac.ask(path, { headers: as });

describe('the report of a member', () => {
  test('is a tagged PDF that can be read in its order, in Korean', async () => {
    await almanac.mutate(kim.bearer, 'goals.set', { kind: 'other', target: null, text: '책 한 권을 다 읽는다' });
    const answer = await get('/api/attendance/report/kim.pdf?language=ko');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(answer.headers.get('content-disposition')).toContain('attachment; filename="almanac-kim.pdf"');
    const { text, pages, tagged } = pdfText(new Uint8Array(await answer.arrayBuffer()));
    expect(tagged).toBe(true);
    expect(pages).toBeGreaterThanOrEqual(2);
    const order = [
      '출석 리포트',
      '김정원',
      '한눈에 보기',
      '출석률',
      '날마다의 출석',
      '책 한 권을 다 읽는다',
      '배지',
      '첫 커밋',
      '날짜별 기록',
      '출석',
    ];
    let at = 0;
    for (const words of order) {
      expect([words, text.indexOf(words, at) >= at]).toEqual([words, true]);
      at = text.indexOf(words, at);
    }
    expect(text).not.toContain('secret-subject');
  });

  test('is in English for who asks for it, and of as many days as asked for', async () => {
    const to = daysAgo(1).slice(0, 10);
    const answer = await get(`/api/attendance/report/kim.pdf?language=en&start_date=${to}&end_date=${to}`);
    const { text } = pdfText(new Uint8Array(await answer.arrayBuffer()));
    expect(text).toContain('Attendance report');
    expect(text.match(/\d{4}-\d\d-\d\d/g)).toEqual([to]);
  });

  test('is a table that spreadsheets read, and compute nothing of', async () => {
    const answer = await get('/api/attendance/report/kim.csv?language=en');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = new TextDecoder().decode(bytes).split('\r\n');
    expect(lines[0]).toBe('Date,Weekday,State,Commits,First commit,Last commit');
    expect(lines.at(-2)).toMatch(new RegExp(`^${daysAgo(0).slice(0, 10)},\\w+,Present,1,\\d\\d:\\d\\d,\\d\\d:\\d\\d$`));
    const book = await (await get('/api/attendance/book.csv')).text();
    expect(book).toContain(",'=김정원,");
    expect(book).not.toContain(',=');
  });

  test.each([
    ['/api/attendance/report/nobody.pdf', 404],
    ['/api/attendance/report/kim.pdf?start_date=2020-01-01&end_date=2020-01-02', 404],
    ['/api/attendance/report/kim.csv?start_date=yesterday', 400],
    ['/api/attendance/report/kim.csv?startdate=2020-01-01', 400],
    ['/api/attendance/report/kim.pdf?language=fr', 400],
    ['/api/attendance/report/kim.pdf?challenge=none', 404],
    ['/api/attendance/report/kim.doc', 404],
    ['/api/attendance/card/lee.png', 404],
    [`/api/attendance/report/${'k'.repeat(201)}.pdf`, 400],
    [`/api/attendance/card/${'k'.repeat(201)}.svg`, 400],
  ])('says what is wrong: %s', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(Object.keys((await answer.json()) as object)).toEqual(['error']);
  });

  test('is for members', async () => {
    for (const path of ['report/kim.pdf', 'report/kim.csv', 'book.csv', 'card/kim.svg', 'card/kim.png'])
      expect([path, (await get(`/api/attendance/${path}`, {})).status]).toEqual([path, 401]);
  });
});

describe('what is shared', () => {
  const files = ['card.svg', 'card.png', 'badge.svg'];
  test('is there for everybody, to be embedded, until it is taken back', async () => {
    await almanac.mutate(kim.bearer, 'profiles.publish', { name: '정원사 김 <img src=x onerror=alert(1)>' });
    const { data } = await almanac.query(kim.bearer, 'profiles.sharing', {});
    const { token } = (data as { published: { token: string } }).published;
    for (const file of files) {
      const answer = await almanac.ask(`/share/${token}/${file}`);
      expect([file, answer.status, answer.headers.get('content-type')]).toEqual([
        ...[file, 200],
        file.endsWith('png') ? 'image/png' : 'image/svg+xml; charset=utf-8',
      ]);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      if (file === 'card.svg') expect(await answer.text()).not.toContain('<img');
    }
    await almanac.mutate(kim.bearer, 'profiles.unpublish', {});
    for (const file of files) {
      const gone = await almanac.ask(`/share/${token}/${file}`);
      expect([file, gone.status, gone.headers.get('cache-control')]).toEqual([file, 404, 'no-store']);
    }
  });
  test('is nothing for who makes an address up', async () => {
    for (const file of files) expect((await almanac.ask(`/share/AAECAwQFBgcICQoLDA0ODw/${file}`)).status).toBe(404);
  });
});
