import type { Role } from '../../domain/access.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import type { Account } from '../../domain/identify-account.ts';
import type { Author } from '../../domain/identity.ts';
import { accessOf, listAccess } from '../../projections/access.ts';
import { auditTrail } from '../../projections/audit-trail.ts';
import { identitiesOf, loginOf, memberById } from '../../projections/members.ts';
import { Ledger } from '../../server/collect/ledger.ts';
import { Accounts } from '../../server/identity/accounts.ts';
import { Estate } from './estate.ts';

const parts = (signature: string) => /^(.*?)\s*<(.*)>$/.exec(signature)?.slice(1) ?? [signature, ''];
/** `Kim <kim@example.org>`; with a second one, that a mailmap replaces by the first: what the commit says itself. */
export const author = (mapped: string, raw = mapped): Author => {
  const [name = '', email = ''] = parts(mapped);
  const [rawName = '', rawEmail = ''] = parts(raw);
  return { name, email, rawName, rawEmail };
};

/** Everything of the server that decides who somebody is, on a log of its own. */
export async function identityRig({ owners = [] }: { owners?: readonly string[] } = {}) {
  await using opening = new AsyncDisposableStack();
  const estate = opening.use(new Estate());
  const running = opening.use(await estate.start());
  const { store, codec, readModels: models } = running;
  let clock = Date.UTC(2026, 10, 21, 12);
  const accounts = new Accounts({ store, codec, models, now: () => (clock += 1_000), owners });
  const ledger = new Ledger(store, codec);
  const shown = async () => models.waitFor((await store.head()) ?? 0n);
  const open = opening.move();
  return {
    accounts,
    /** Where all of it is kept. */
    dataDirectory: estate.directory,
    /** Stops it; what is kept goes with the rig. */
    stop: () => running[Symbol.asyncDispose](),
    /** A reading of a repository. @returns who each author is */
    async read(...authors: Author[]) {
      const { memberIds } = await ledger.enlist(authors);
      await shown();
      return memberIds;
    },
    async signIn(account: Account, openChallenge: string | null = null): Promise<string> {
      return (await accounts.signIn(account, { openChallenge })).memberId;
    },
    async invite(login: string, role: Role = 'owner'): Promise<string> {
      return (await accounts.invite({ login, role }, { by: 'local', role: 'owner' })).memberId;
    },
    async say(stream: string, ...events: AlmanacEvent[]) {
      const appended = events.map((event) => codec.encode(event, crypto.randomUUID()));
      await store.append(stream, appended, { expectedRevision: 'any' });
      await shown();
    },
    /** @returns who is erased */
    erase: (memberId: string) => running.erase(memberId),
    access: (memberId: string) => accessOf(models.model('access'), memberId),
    invited: () =>
      listAccess(models.model('access'))
        .filter(({ status }) => status === 'invited')
        .map(({ memberId }) => memberId),
    member: (memberId: string) => memberById(models.model('members'), memberId),
    login: (memberId: string) => loginOf(models.model('members'), memberId),
    identities: (memberId: string) =>
      identitiesOf(models.model('members'), memberId).map(({ kind, value }) => `${kind} ${value}`),
    mergers: () =>
      auditTrail(models.model('audit-trail'), { limit: 100 }).filter(({ action }) => action === 'MemberMerged'),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
export type IdentityRig = Awaited<ReturnType<typeof identityRig>>;
