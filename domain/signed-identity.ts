import { identityOf, numberedAddressOf, type Author } from './identity.ts';
import { hasAccount, holderOf, isSettled, type Identity, type KnownMember, type MemberDirectory } from './member.ts';

/** An author, and whom the signatures stand for among those who are known. */
export type Signed = Author & {
  /** As the mailmap has it; null: neither an address nor a name. */
  readonly identity: Identity | null;
  /** As the commit has it, when that says more; null also where the mailmap tells several people apart by it. */
  readonly rawIdentity: Identity | null;
};

/**
 * Whom the signatures of a reading stand for. Who signs as somebody settled is them, whomever a mailmap takes them for: what is proven
 * counts before what is written.
 */
export function signedBy(directory: MemberDirectory, authors: readonly Author[]): Signed[] {
  const standsFor = identities(directory);
  return authors.map((author) => {
    const raw = standsFor(author.rawName, author.rawEmail);
    const holder = raw && holderOf(directory, raw);
    if (holder && isSettled(holder))
      return { ...author, name: author.rawName, email: author.rawEmail, identity: raw, rawIdentity: raw };
    return {
      ...author,
      identity: standsFor(author.name, author.email),
      rawIdentity: author.sharedAddress ? null : raw,
    };
  });
}

/**
 * A no-reply address with a number is the account's of this number; else it is its login, unless that is known to be of an account
 * with another number: then it stands for itself.
 */
function identities(directory: MemberDirectory) {
  /** Whose a login is that this reading brings: the first number it is seen with. */
  const numbers = new Map<string, string>();
  return (name: string, email: string): Identity | null => {
    const numbered = numberedAddressOf(email);
    if (!numbered) return identityOf(name, email);
    const { number, login, address } = numbered;
    if (holderOf(directory, number)) return number;
    const [byAddress, byLogin] = [holderOf(directory, address), holderOf(directory, login)];
    if (byAddress) return byAddress.memberId === byLogin?.memberId ? login : address;
    if (byLogin && isOfAnother(byLogin, numbered)) return address;
    const first = numbers.get(login.value) ?? number.value;
    numbers.set(login.value, first);
    return first === number.value ? login : address;
  };
}

/** They have an account, which is not of this number, or were seen with the login and another number. */
const isOfAnother = (
  holder: KnownMember,
  { number, login }: { readonly number: Identity; readonly login: Identity },
): boolean =>
  hasAccount(holder) ||
  holder.identities.some((one) => {
    const seen = one.kind === 'email' ? numberedAddressOf(one.value) : null;
    return seen !== null && seen.login.value === login.value && seen.number.value !== number.value;
  });
