import type { Identity } from './member.ts';

/** Who signed a commit: as the mailmap has it, and as the commit itself says. */
export type Author = {
  readonly name: string;
  readonly email: string;
  readonly rawName: string;
  readonly rawEmail: string;
  /** The mailmap tells several people apart who sign with `rawEmail`: it proves nobody's identity. */
  readonly sharedAddress?: boolean;
  /** The commit is older than others read before it: its name does not replace the one known. */
  readonly outdatedName?: boolean;
};

/** Longest address there is (RFC 5321, 4.5.3.1: local part 64, domain 255), and a name nobody's screen is wide enough for. */
const LONGEST = { address: 320, name: 200, handle: 60 };

/** GitHub's private addresses: `login@…` before July 2017, `12345+login@…` since (GitHub docs, "Email addresses reference"). */
const GITHUB_NO_REPLY = /^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$/;
const NUMBERED = /^(\d+)\+([^@+]+)@users\.noreply\.github\.com$/;

/** What a private address of GitHub's with an account's number says. */
type NumberedAddress = { readonly number: Identity; readonly login: Identity; readonly address: Identity };

/**
 * `12345+login@users.noreply.github.com` is the account's with this number, whoever has the login by now: GitHub gives logins that were
 * given up to anybody. Null for every other address.
 */
export function numberedAddressOf(email: string): NumberedAddress | null {
  const value = email.trim().normalize('NFC').toLowerCase();
  const [, number, login] = NUMBERED.exec(value) ?? [];
  if (number === undefined || login === undefined || value.length > LONGEST.address) return null;
  return {
    number: { kind: 'github-id', value: number },
    login: { kind: 'github', value: login.toWellFormed() },
    address: { kind: 'email', value: value.toWellFormed() },
  };
}

/** The identity a signature proves; null when it holds neither an address nor a name. */
export function identityOf(name: string, email: string): Identity | null {
  const address = email.trim().normalize('NFC').toLowerCase().slice(0, LONGEST.address).toWellFormed();
  const login = GITHUB_NO_REPLY.exec(address)?.[1];
  if (login !== undefined) return { kind: 'github', value: login };
  if (address !== '') return { kind: 'email', value: address };
  const signed = displayName(name);
  return signed === '' ? null : { kind: 'name', value: signed };
}

/** A name fit to be shown: no control or direction-changing characters, single spaces, at most 200 characters. */
export const displayName = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, LONGEST.name)
    .toWellFormed();

/** Programs that commit without GitHub's `[bot]` mark, by login or by the whole local part of their address. */
const BOT_LOGINS = new Set(
  `dependabot dependabot-preview renovate renovate-bot renovatebot github-actions actions-user greenkeeper greenkeeperio-bot
  semantic-release-bot snyk-bot pre-commit-ci mergify allcontributors imgbot codecov-io weblate web-flow gitlab-bot
  travis-ci circleci-bot jenkins-ci azure-pipelines pyup-bot whitesource-bolt-for-github lgtm-com`.split(/\s+/),
);
const BOT_ADDRESSES = new Set([
  'noreply@github.com',
  'action@github.com',
  'actions@github.com',
  'bot@renovateapp.com',
  'support@dependabot.com',
  'support@greenkeeper.io',
  'semantic-release-bot@martynus.net',
  'snyk-bot@snyk.io',
  'travis@travis-ci.org',
  'builds@travis-ci.com',
  'noreply@weblate.org',
]);

/** A program rather than a person: GitHub's `[bot]` mark, or an address or login of a known service. */
export function isBot(author: Author): boolean {
  return [
    [author.name, author.email],
    [author.rawName, author.rawEmail],
  ].some(([name = '', email = '']) => {
    const identity = identityOf(name, email);
    return identity !== null && (/\[bot\]/i.test(name) || isOfProgram(identity));
  });
}

/** An address or login that is a program's whatever name stands beside it, which anybody can write. */
export function isOfProgram({ kind, value }: Identity): boolean {
  if (value.includes('[bot]')) return true;
  if (kind !== 'email') return BOT_LOGINS.has(value.toLowerCase());
  return BOT_ADDRESSES.has(value) || BOT_LOGINS.has(localPart(value));
}

/**
 * What a member's page is called: the GitHub login, else the local part of the address, else the name. Letters of any
 * script, digits, `-`, `_` and `.` only, lower case; `taken` ones get `-2`, `-3`, …
 */
export function handleFor(identities: readonly Identity[], name: string, taken: ReadonlySet<string>): string {
  const of = (kind: Identity['kind']) => identities.find((identity) => identity.kind === kind)?.value ?? '';
  const wish = slug(of('github')) || slug(loginOrLocalPart(of('email'))) || slug(name) || 'member';
  if (!taken.has(wish)) return wish;
  const isTaken = (number: number) => taken.has(`${wish}-${number}`);
  // Thousands may be called "info": the first free number is searched by halves.
  let [last, free] = [1, 2];
  while (isTaken(free)) [last, free] = [free, free * 2];
  while (free - last > 1) {
    const middle = (last + free) >> 1;
    if (isTaken(middle)) last = middle;
    else free = middle;
  }
  return `${wish}-${free}`;
}

const loginOrLocalPart = (address: string) => numberedAddressOf(address)?.login.value ?? localPart(address);

const localPart = (address: string) => address.split('@')[0] ?? '';

const slug = (text: string): string =>
  [
    ...text
      .normalize('NFC')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
      .replace(/^[-._]+/u, ''),
  ]
    .slice(0, LONGEST.handle)
    .join('')
    .replace(/[-._]+$/u, '');
