import type { IdentityWords } from '#lib/i18n/identity.ko.ts';
import type { AuditView } from '../../../../server/api/views.ts';

type Named = {
  words: Pick<IdentityWords, 'audit'>;
  /** Titles of challenges by their ids. */
  titles: ReadonlyMap<string, string>;
};

type Said = Named & {
  words: Pick<IdentityWords, 'audit' | 'roles'> & {
    account: { keys: Pick<IdentityWords['account']['keys'], 'scopeNames'> };
  };
  /** Names of the states of a day. */
  states: Record<'present' | 'absent', string>;
  /** How a day is written. */
  day: (day: string) => string;
};

/** Ids of members are UUIDs; whoever has no other name left was erased. */
const isId = (text: string) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/.test(text);

/** What an entry is told with. */
type Facts = {
  who: string;
  whom: string;
  /** Who acted did it to themselves. */
  isOwn: boolean;
  day: string;
  /** Of the challenge. */
  title: string;
  text(field: string): string;
  list(field: string): string[];
  said: Said;
};
type Tell = (sentences: Sentences, facts: Facts) => string;

const ofRole =
  (action: 'MemberInvited' | 'AccessGranted' | 'RoleChanged'): Tell =>
  (sentences, { who, whom, text, said }) =>
    sentences[action](who, whom, roleName(text('role'), said));
type OfChallenge =
  | 'JoiningOpened'
  | 'JoiningClosed'
  | 'ChallengeOpened'
  | 'ChallengeRevised'
  | 'ChallengeRuleChanged'
  | 'ChallengeClosed'
  | 'MotivationArranged'
  | 'AnnouncementPosted';
const ofChallenge =
  (action: OfChallenge): Tell =>
  (sentences, { who, title }) =>
    sentences[action](who, title);
const ofMotivation =
  (action: 'MotivationEdited' | 'MotivationApproved' | 'MotivationDiscarded'): Tell =>
  (sentences, { who, whom, title }) =>
    sentences[action](who, whom, title);

/** The sentences that say more than who and whom. */
const TELL: Readonly<Record<string, Tell>> = {
  MemberInvited: ofRole('MemberInvited'),
  AccessGranted: ofRole('AccessGranted'),
  RoleChanged: ofRole('RoleChanged'),
  TokenConnected: (sentences, { who, list, said }) =>
    sentences.TokenConnected(who, said.words.audit.scopes(list('scopes').join(', '))),
  ApiKeyIssued: (sentences, { who, list, said }) => sentences.ApiKeyIssued(who, scopeNames(list('scopes'), said)),
  SessionRevoked: (sentences, { who, whom, text, said }) =>
    sentences.SessionRevoked(who, whom, said.words.audit.reasons[text('reason')] ?? text('reason')),
  MemberMerged: (sentences, { who, text, said }) => sentences.MemberMerged(who, actorName(text('into'), said)),
  AttendanceCorrected: (sentences, { who, whom, day, text, said }) =>
    sentences.AttendanceCorrected(who, whom, day, stateName(text('verdict'), said)),
  DayExcused: (sentences, { who, whom, day, isOwn }) =>
    isOwn ? sentences.excusedOwn(who, day) : sentences.DayExcused(who, whom, day),
  ExcuseWithdrawn: (sentences, { who, whom, day }) => sentences.ExcuseWithdrawn(who, whom, day),
  MemberJoined: (sentences, { who, whom, title, isOwn }) =>
    isOwn ? sentences.joined(who, title) : sentences.MemberJoined(who, whom, title),
  MemberLeft: (sentences, { who, whom, title, isOwn }) =>
    isOwn ? sentences.left(who, title) : sentences.MemberLeft(who, whom, title),
  JoiningOpened: ofChallenge('JoiningOpened'),
  JoiningClosed: ofChallenge('JoiningClosed'),
  ChallengeOpened: ofChallenge('ChallengeOpened'),
  ChallengeRevised: ofChallenge('ChallengeRevised'),
  ChallengeRuleChanged: ofChallenge('ChallengeRuleChanged'),
  ChallengeClosed: ofChallenge('ChallengeClosed'),
  MotivationArranged: ofChallenge('MotivationArranged'),
  AnnouncementPosted: ofChallenge('AnnouncementPosted'),
  MotivationEdited: ofMotivation('MotivationEdited'),
  MotivationApproved: ofMotivation('MotivationApproved'),
  MotivationDiscarded: ofMotivation('MotivationDiscarded'),
};

/** An entry of the audit trail as a sentence of the reader's language. */
export function auditSentence({ actor, action, subject, detail }: AuditView, said: Said): string {
  const { sentences, people } = said.words.audit;
  const isOwn = subject !== null && subject === actor;
  const [who, whom] = [actorName(actor, said), isOwn ? people.self : actorName(subject, said)];
  const text = (field: string) => (typeof detail[field] === 'string' ? detail[field] : '');
  const tell = Object.hasOwn(TELL, action) ? TELL[action] : undefined;
  if (!tell) return capital(plain(action, sentences)(who, whom, action));
  const day = text('day') === '' ? '' : said.day(text('day'));
  const title = said.titles.get(text('challengeId')) ?? text('challengeId');
  const list = (field: string) => (Array.isArray(detail[field]) ? detail[field].map(String) : []);
  return capital(tell(sentences, { who, whom, isOwn, day, title, text, list, said }));
}

type Sentences = IdentityWords['audit']['sentences'];

type Sentence = (who: string, whom: string, action: string) => string;

/** The sentences that only say who and whom; `other` for what this page does not know yet. */
const plain = (action: string, sentences: Sentences): Sentence =>
  Object.hasOwn(sentences, action) ? (sentences[action as keyof Sentences] as Sentence) : sentences.other;

/** Who did something, as the reader's language calls them; null: nobody in particular. */
export function actorName(actor: string | null, { words, titles }: Named): string {
  const { people } = words.audit;
  if (actor === null) return people.nobody;
  if (actor === 'local' || actor === 'operator' || actor === 'api-auth-token') return people[actor];
  const [kind, ...rest] = actor.split(':');
  const id = rest.join(':');
  if (kind === 'key' && id) return people.key(id);
  if (kind === 'challenge' && id) return people.challenge(titles.get(id) ?? id);
  return isId(actor) || actor.startsWith('erased-') ? people.erased : people.named(actor);
}

const roleName = (role: string, { words }: Said): string => (words.roles as Record<string, string>)[role] ?? role;
const stateName = (state: string, { states }: Said): string => (states as Record<string, string>)[state] ?? state;

function scopeNames(scopes: readonly string[], { words }: Said): string {
  const names: Record<string, string> = words.account.keys.scopeNames;
  return scopes.map((scope) => names[scope] ?? scope).join(', ');
}

/** Who acts stands first, and may be described rather than named. A handle stays as it is. */
const capital = (sentence: string): string =>
  /^(?:the|a|an|somebody) /.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
