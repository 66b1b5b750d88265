import type { IdentityWords } from '#lib/i18n/identity.ko.ts';
import type { AuditView } from '../../../../server/api/views.ts';

type Said = {
  words: Pick<IdentityWords, 'audit' | 'roles'> & {
    account: { keys: Pick<IdentityWords['account']['keys'], 'scopeNames'> };
  };
  /** Names of the states of a day. */
  states: Record<'present' | 'absent', string>;
  /** How a day is written. */
  day: (day: string) => string;
  /** Titles of challenges by their ids. */
  titles: ReadonlyMap<string, string>;
};

/** Ids of members are UUIDs; whoever has no other name left was erased. */
const isId = (text: string) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/.test(text);

/** An entry of the audit trail as a sentence of the reader's language. */
export function auditSentence({ actor, action, subject, detail }: AuditView, said: Said): string {
  const { sentences } = said.words.audit;
  const who = nameOf(actor, said);
  const whom = subject !== null && subject === actor ? said.words.audit.people.self : nameOf(subject, said);
  const text = (field: string) => (typeof detail[field] === 'string' ? detail[field] : '');
  switch (action) {
    case 'MemberInvited':
    case 'AccessGranted':
    case 'RoleChanged':
      return capital(sentences[action](who, whom, roleName(text('role'), said)));
    case 'TokenConnected':
      return capital(sentences[action](who, said.words.audit.scopes(list(detail['scopes']).join(', '))));
    case 'ApiKeyIssued':
      return capital(sentences[action](who, scopeNames(list(detail['scopes']), said)));
    case 'SessionRevoked':
      return capital(sentences[action](who, whom, said.words.audit.reasons[text('reason')] ?? text('reason')));
    case 'JoiningOpened':
    case 'JoiningClosed':
      return capital(sentences[action](who, said.titles.get(text('challengeId')) ?? text('challengeId')));
    case 'AttendanceCorrected':
      return capital(sentences[action](who, whom, said.day(text('day')), stateName(text('verdict'), said)));
    case 'MemberMerged':
      return capital(sentences[action](who, nameOf(text('into'), said)));
    case 'DayExcused':
      return capital(sentences[action](who, whom, said.day(text('day'))));
    default:
      return capital(plain(action, sentences)(who, whom, action));
  }
}

type Sentences = IdentityWords['audit']['sentences'];

type Sentence = (who: string, whom: string, action: string) => string;

/** The sentences that only say who and whom; `other` for what this page does not know yet. */
const plain = (action: string, sentences: Sentences): Sentence =>
  Object.hasOwn(sentences, action) ? (sentences[action as keyof Sentences] as Sentence) : sentences.other;

function nameOf(actor: string | null, { words, titles }: Said): string {
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

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function scopeNames(scopes: readonly string[], { words }: Said): string {
  const names: Record<string, string> = words.account.keys.scopeNames;
  return scopes.map((scope) => names[scope] ?? scope).join(', ');
}

/** Who acts stands first, and may be described rather than named. A handle stays as it is. */
const capital = (sentence: string): string =>
  /^(?:the|a|an|somebody) /.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
