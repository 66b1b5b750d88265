import { openForJoining } from '../../projections/joining.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { ProjectionName } from '../../projections/all.ts';
import type { IdentityServices } from '../api/identity-services.ts';
import type { SignInParts } from '../api/sign-in.ts';
import type { Settings } from '../config.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import type { Log } from '../log.ts';
import { ReadModelUnavailable } from '../read-models/read-model.ts';
import { isLocal } from '../serving.ts';
import { AccessTokens } from './access-tokens.ts';
import { Accounts } from './accounts.ts';
import { Authenticator } from './authenticator.ts';
import { createGitHub } from './github.ts';
import type { Begun } from '../vault/erase.ts';
import { GitHubConnections } from './github-connections.ts';
import { ApiKeys } from './keys.ts';
import { newSecret } from './secrets.ts';
import { Sessions } from './sessions.ts';
import { SignInTickets } from './sign-in-tickets.ts';
import type { Vault } from '../vault/vault.ts';

type Given = {
  readonly settings: Settings;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly vault: Vault;
  readonly models: {
    model(name: ProjectionName): ReadModel;
    waitFor(position: Position, options: { projections: readonly ProjectionName[] }): Promise<void>;
    status(): readonly { name: string; state: string }[];
  };
  /** Resolves when it is said. @see Erasures.erase */
  readonly erase: (memberId: string, by: string) => Promise<Begun>;
  readonly operatorToken: string;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

export type Identity = {
  readonly services: IdentityServices;
  readonly authenticator: Authenticator;
  readonly signIn: SignInParts;
};

/** Read models that authentication asks: what was decided counts from the moment they show it. */
const ASKED = ['sessions', 'access', 'api-keys'] as const satisfies readonly ProjectionName[];

/** Puts together who may come in and how: everything of identity but the network. */
export function openIdentity(given: Given): Identity {
  const { settings, store, codec, vault, models, log, operatorToken, now } = given;
  const local = isLocal(settings);
  // A secret of this run only signs nobody out: a browser's refresh token is asked of the log, and gives a new access token.
  const [secret = newSecret(), ...formerSecrets] = settings.sessionSecrets;
  const tokens = new AccessTokens([secret, ...formerSecrets], {
    issuer: settings.publicUrl ?? 'http://almanac.localhost',
    now,
  });
  const onTrouble = (message: string, err: unknown) => log.warn({ err }, message);
  const shownIn =
    (...projections: ProjectionName[]) =>
    (position: Position) =>
      models.waitFor(position, { projections });
  const github = settings.github && createGitHub(settings.github);
  const sessions = new Sessions({
    ...{ store, codec, tokens, now, shown: shownIn('sessions') },
    model: () => models.model('sessions'),
  });
  const keys = new ApiKeys({ store, codec, now, shown: shownIn('api-keys'), onTrouble });
  const accounts = new Accounts({ store, codec, models, now, owners: settings.owners });
  const connections =
    github &&
    new GitHubConnections({ github, store, codec, vault, now, onTrouble, shown: shownIn('access', 'connections') });
  const authenticator = new Authenticator({
    local,
    operatorToken,
    apiAuthToken: settings.apiAuthToken,
    tokens,
    sessions,
    keys,
    now,
    model: (name) => models.model(name),
    caughtUp: caughtUp(store, models),
  });
  const services: IdentityServices = {
    local,
    gitHubUrl: settings.github?.webUrl ?? null,
    requestsPerMinute: settings.rateLimit,
    accounts,
    sessions,
    keys,
    connections,
    erase: erasing({ accounts, sessions, connections, onTrouble }, given.erase),
  };
  const signIn: SignInParts = {
    github,
    tickets: new SignInTickets(secret, now),
    accounts,
    openChallenge: () => openForJoining(models.model('joining'))[0] ?? null,
    connections,
    sessions,
    publicUrl: settings.publicUrl,
    onTrouble,
  };
  return { services, authenticator, signIn };
}

type Open = {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly connections: GitHubConnections | null;
  readonly onTrouble: (message: string, error: unknown) => void;
};

const erasing =
  (open: Open, erase: Given['erase']): IdentityServices['erase'] =>
  (memberId, by) =>
    endingWhatIsOpen(open, { memberId, by }, () =>
      eraseKeepingAnOwner(open.accounts, memberId, () => erase(memberId, by)),
    );

/**
 * What somebody erased has open elsewhere ends, too: sessions of theirs that a browser holds, and what GitHub lets Almanac see. None of
 * it leads to anything of theirs any more: nobody who erases is told when it does not end.
 */
async function endingWhatIsOpen<Erased>(
  { sessions, connections, onTrouble }: Open,
  { memberId, by }: { memberId: string; by: string },
  erase: () => Promise<Erased>,
): Promise<Erased> {
  const open = sessions.openOf(memberId);
  const token = (await connections?.token(memberId)) ?? null;
  const erased = await erase();
  if (token !== null) await connections?.giveBack(token);
  await sessions
    .endAccess(open, by)
    .catch((error: unknown) => onTrouble('Sessions of somebody erased could not be ended', error));
  return erased;
}

/**
 * Erases whoever is not the last owner. Others need not wait until everything is folded anew: only until it is shown who is left.
 * @param erase says it @returns `erasing`: it is said, and something of it is still being ended
 */
export async function eraseKeepingAnOwner(
  accounts: Pick<Accounts, 'keepingAnOwner'>,
  memberId: string,
  erase: () => Promise<Begun>,
): Promise<'erased' | 'erasing'> {
  const begun: Begun[] = [];
  try {
    await accounts.keepingAnOwner(memberId, async () => void begun.push(await erase()));
  } catch (error) {
    // Not shown yet, but said: nothing of it can be taken back.
    if (begun.length === 0) throw error;
  }
  const ended = await Promise.all(begun.map((one) => one.ended));
  return ended.every(Boolean) ? 'erased' : 'erasing';
}

/** Resolves while the read models can be trusted: none is parked, and they show what the log held when it was first asked. */
function caughtUp(store: EventStore, models: Given['models']): () => Promise<void> {
  let done: Promise<void> | null = null;
  const begin = async () => {
    const head = await store.head();
    if (head !== null) await models.waitFor(head, { projections: ASKED });
  };
  return () => {
    const parked = models
      .status()
      .find(({ name, state }) => state === 'parked' && ASKED.some((asked) => asked === name));
    // It answers with what was, for ever: nobody could be turned away any more.
    if (parked)
      return Promise.reject(new ReadModelUnavailable(`${parked.name} is parked: nobody can be let in by it.`));
    return (done ??= begin().catch((error: unknown) => {
      done = null;
      throw error;
    }));
  };
}
