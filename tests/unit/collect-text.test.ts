import { describe, expect, test } from 'vitest';
import { parseCommit } from '../../server/collect/raw-commit.ts';
import { decode } from '../../server/collect/text.ts';

/** "나무를 심다" as Korean editors wrote it before UTF-8. */
const EUC_KR = Buffer.from('b3aab9abb8a620bdc9b4d9', 'hex');

describe('the text of a commit', () => {
  test.each([
    ['UTF-8', Buffer.from('나무를 심다'), undefined, '나무를 심다'],
    ['EUC-KR that says so', EUC_KR, 'EUC-KR', '나무를 심다'],
    ['EUC-KR that does not', EUC_KR, undefined, '나무를 심다'],
    ['EUC-KR that calls itself UTF-8', EUC_KR, 'UTF-8', '나무를 심다'],
    ['windows-949 by the name iconv knows', Buffer.from('8c63', 'hex'), 'CP949', '똠'],
    ['an encoding nobody knows', Buffer.from('나무'), 'x-made-up', '나무'],
    ['latin1 that says so', Buffer.from([0x6a, 0x65, 0xfc]), 'ISO-8859-1', 'jeü'],
    ['bytes of no encoding', Buffer.from([0xff, 0x41]), undefined, 'ÿA'],
    ['NUL', Buffer.from('a\0b'), undefined, 'a\ufffdb'],
  ])('in %s', (_case, bytes, declared, text) => {
    expect(decode(bytes, declared)).toBe(text);
  });
});

test('windows-949 holds every syllable there is, each once', () => {
  // The table is made by a rule; its corners as iconv has them.
  const corners = {
    '8141': '갂',
    '815a': '갴',
    '8161': '갵',
    '81fe': '괓',
    a0fe: '좤',
    a141: '좥',
    c652: '힣',
    b0a1: '가',
    a2e6: '€',
  };
  for (const [hex, syllable] of Object.entries(corners))
    expect(decode(Buffer.from(hex, 'hex'), 'CP949')).toBe(syllable);
  expect(decode(Buffer.from('c653', 'hex'), 'CP949')).toBe('\u00c6S');
});

describe('a commit object', () => {
  const commit = (author: string, message = 'msg', more = '') =>
    parseCommit(
      Buffer.from(`tree 4b825d\nauthor ${author}\ncommitter C <c@x> 1741618740 +0900\n${more}\n${message}`, 'latin1'),
    );

  test.each([
    ['Kim <k@x> 1741618740 +0900', '2025-03-10T14:59:00Z', 540],
    ['Kim <k@x> 1741618740 -0330', '2025-03-10T14:59:00Z', -210],
    ['Kim <k@x> 1741618740', '2025-03-10T14:59:00Z', 0],
    ['Kim <k@x> 0 +0000', '1970-01-01T00:00:00Z', 0],
    ['Kim <k@x> 4102444799 +0000', '2099-12-31T23:59:59Z', 0],
    ['Kim <k@x> -100 +0900', '1970-01-01T00:00:00Z', 540],
    ['Kim <k@x> 99999999999999999999 +0000', '9999-12-30T23:59:59Z', 0],
    ['Kim <k@x> 1741618740 +99999', '2025-03-10T14:59:00Z', 0],
    ['Kim <k@x> 1741618740 -0000', '2025-03-10T14:59:00Z', 0],
    ['K <i> m> <k@x> 1741618740 +0900', '2025-03-10T14:59:00Z', 540],
    [' <> 1741618740 +0900', '2025-03-10T14:59:00Z', 540],
  ])('by %s was written at %s, %i minutes east', (author, authoredAt, authorOffset) => {
    expect(commit(author)).toEqual({ authoredAt, authorOffset, committedAt: '2025-03-10T14:59:00Z', message: 'msg' });
  });

  test.each(['Kim <k@x>', 'Kim <k@x> yesterday', 'Kim k@x 1741618740 +0900', ''])('by "%s" has no day', (author) => {
    expect(commit(author)).toEqual({ unreadable: 'its author line holds no date' });
  });

  test('is read past signatures and other headers; what its message says is message', () => {
    const signature = 'gpgsig -----BEGIN\n author Eve <e@x> 1 +0000\n \n -----END\n';
    expect(commit('Kim <k@x> 1741618740 +0900', 'author Eve <e@x> 1 +0000\n\nbody\n\n', signature)).toMatchObject({
      authoredAt: '2025-03-10T14:59:00Z',
      message: 'author Eve <e@x> 1 +0000\n\nbody',
    });
  });

  test('without a committer date was committed when it was written, without a message says nothing', () => {
    expect(parseCommit(Buffer.from('tree 4b825d\nauthor Kim <k@x> 60 +0000'))).toEqual({
      authoredAt: '1970-01-01T00:01:00Z',
      authorOffset: 0,
      committedAt: '1970-01-01T00:01:00Z',
      message: '',
    });
  });

  test('keeps 4,000 characters and halves none of them', () => {
    const long = parseCommit(Buffer.from(`author K <k@x> 1 +0000\n\n${'a'.repeat(3_999)}🌱🌱`));
    expect(long).toMatchObject({ message: 'a'.repeat(3_999) });
    expect(parseCommit(Buffer.from(`author K <k@x> 1 +0000\n\n${'🌱'.repeat(3_000)}`))).toMatchObject({
      message: '🌱'.repeat(2_000),
    });
  });
});
