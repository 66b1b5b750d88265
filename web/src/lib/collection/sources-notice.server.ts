import { formatsOf } from '#lib/i18n/formats.ts';
import type { Language } from '#lib/i18n/language.ts';
import { plural } from '#lib/i18n/plural.ts';
import type { BookView, CallerView } from '../../../../server/api/views.ts';

type Way = { href: string; text: string };
/** What the book of a season says of members who cannot be read. The words come with the page: others do not load them. */
export type SourcesNotice = {
  title: string;
  /** How many for which reason. */
  reasons: string;
  note: string;
  /** What the reader has to do about themselves, and where admins look further. */
  own: { text: string; way: Way | null } | null;
  more: Way | null;
};

const WORDS = {
  ko: {
    title: (count: string) => `참여자 ${count}명의 커밋을 읽지 못했습니다`,
    reason: (reason: string, count: string) => `${reason} ${count}명`,
    note: '읽지 못한 날은 미출석이 아니라 알 수 없음으로 남고, 다시 읽히면 채워집니다.',
    reasons: {
      'not-connected': 'GitHub 연결이 없음',
      'token-revoked': 'GitHub가 토큰을 받지 않음',
      refused: 'GitHub가 읽게 해 주지 않음',
      'rate-limited': 'GitHub의 요청 한도를 다 씀',
      unavailable: 'GitHub가 답하지 않음',
    } as Record<string, string>,
    other: '알 수 없는 까닭',
    own: {
      'not-connected': '내 커밋도 읽지 못합니다. GitHub를 연결하면 읽기 시작합니다.',
      'token-revoked': '내 커밋도 읽지 못합니다. GitHub를 다시 연결해 주세요.',
      refused: '내 커밋도 읽지 못합니다. GitHub를 다시 연결해 보고, 그래도 안 되면 관리자에게 알려 주세요.',
    } as Record<string, string>,
    ownWaits: '내 커밋도 지금은 읽지 못합니다. 저절로 다시 읽으니 하실 일은 없습니다.',
    connect: '내 계정에서 연결하기',
    more: '수집 상태 보기',
  },
  en: {
    title: (count: string) => `The commits of ${plural(count, 'member')} could not be read`,
    reason: (reason: string, count: string) => `${reason}: ${count}`,
    note: 'Days that could not be read stay unknown; they do not count as absent, and are filled in once they are read.',
    reasons: {
      'not-connected': 'GitHub is not connected',
      'token-revoked': 'GitHub does not take the token',
      refused: 'GitHub does not let them be read',
      'rate-limited': 'GitHub’s limit of requests is used up',
      unavailable: 'GitHub does not answer',
    } as Record<string, string>,
    other: 'for another reason',
    own: {
      'not-connected': 'Yours are among them. Connect GitHub, and they will be read.',
      'token-revoked': 'Yours are among them. Please connect GitHub again.',
      refused: 'Yours are among them. Try to connect GitHub again; if that does not help, tell an admin.',
    } as Record<string, string>,
    ownWaits: 'Yours are among them just now. They are read again by themselves; there is nothing for you to do.',
    connect: 'Connect on your account page',
    more: 'How collections stand',
  },
} as const;

/** Null where everybody can be read, or the book is one of repositories: those have notices of their own. */
export function sourcesNotice(
  { sources, members }: Pick<BookView, 'sources' | 'members'>,
  caller: CallerView | null,
  language: Language,
): SourcesNotice | null {
  const people = new Set(members.map(({ id }) => id));
  const failing = sources.filter(({ repositoryId, failure }) => failure !== null && people.has(repositoryId));
  if (failing.length === 0) return null;
  const words = WORDS[language];
  const { number } = formatsOf(language);
  const counts = new Map<string, number>();
  for (const { failure } of failing) {
    const reason = words.reasons[failure?.reason ?? ''] ?? words.other;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const byCount = [...counts].toSorted(([, one], [, other]) => other - one);
  const own = failing.find(({ repositoryId }) => repositoryId === caller?.member?.id)?.failure?.reason;
  const looksAfter = caller?.role === 'admin' || caller?.role === 'owner';
  return {
    title: words.title(number(failing.length)),
    reasons: byCount.map(([reason, count]) => words.reason(reason, number(count))).join(' · '),
    note: words.note,
    own: own === undefined ? null : ownNotice(own, words),
    more: looksAfter ? { href: '/admin/collections', text: words.more } : null,
  };
}

function ownNotice(reason: string, words: (typeof WORDS)[Language]): NonNullable<SourcesNotice['own']> {
  const text = words.own[reason];
  if (text === undefined) return { text: words.ownWaits, way: null };
  return { text, way: { href: '/account', text: words.connect } };
}
