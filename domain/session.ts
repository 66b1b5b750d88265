import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { actorSchema } from './member.ts';

/** How long a session lives that nobody refreshes: 30 days, in milliseconds. */
export const IDLE_MS = 30 * 86_400_000;
/** Two tabs may refresh at once: the loser of that race shows a token that was rotated away this long ago at most (milliseconds). */
export const RACE_MS = 10_000;
/** How many rotated tokens a session tells from ones that never were its own. */
export const REMEMBERED_ROTATIONS = 100;
/** A user agent as sent may be of any length. */
const LONGEST_CLIENT = 300;

/** SHA-256 of a secret, in lower-case hex: the secret itself is never stored. */
export const secretHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

const session = { sessionId: z.string(), memberId: z.string(), at: instantSchema };
const revocationSchema = z.enum(['sign-out', 'revoked', 'reuse', 'expired', 'access-ended']);
export type Revocation = z.infer<typeof revocationSchema>;

export const sessionEvents = {
  SessionStarted: defineEvent(
    z.object({ ...session, refreshHash: secretHashSchema, client: z.string().max(LONGEST_CLIENT) }),
    { personal: ['client'] },
  ),
  SessionRefreshed: defineEvent(z.object({ ...session, refreshHash: secretHashSchema })),
  /** `by` is the member whose session it is where it ended by itself (`reuse`, `expired`). */
  SessionRevoked: defineEvent(z.object({ ...session, by: actorSchema, reason: revocationSchema })),
};
export type SessionEvent = EventsOf<typeof sessionEvents>;

export const sessionStream = (sessionId: string) => `session-${sessionId}`;

export type Session =
  | { readonly status: 'none' }
  | {
      readonly status: 'active' | 'revoked';
      readonly sessionId: string;
      readonly memberId: string;
      readonly refreshHash: string;
      /** Hashes rotated away, the last one last. */
      readonly former: readonly string[];
      readonly refreshedAt: string;
    };

export const sessionLife = {
  initial: { status: 'none' } as Session,
  /** A session may be refreshed for years: each event says enough to fold from the newest ones only. */
  evolve(state: Session, { type, data }: SessionEvent): Session {
    if (state.status === 'revoked') return state;
    const { sessionId, memberId } = data;
    switch (type) {
      case 'SessionStarted':
      case 'SessionRefreshed': {
        const former = state.status === 'none' ? [] : [...state.former, state.refreshHash].slice(-REMEMBERED_ROTATIONS);
        return { status: 'active', sessionId, memberId, refreshHash: data.refreshHash, former, refreshedAt: data.at };
      }
      case 'SessionRevoked':
        return state.status === 'none'
          ? { status: 'revoked', sessionId, memberId, refreshHash: '', former: [], refreshedAt: data.at }
          : { ...state, status: 'revoked' };
      default:
        return (type satisfies never, state);
    }
  },
};

export type SessionInput = { sessionId: string; memberId: string; refreshHash: string; client: string; at: string };

export const startSession = ({ client, ...input }: SessionInput, state: Session): SessionEvent[] =>
  state.status === 'none'
    ? [{ type: 'SessionStarted', data: { ...input, client: client.slice(0, LONGEST_CLIENT).toWellFormed() } }]
    : [];

/**
 * `refreshed`: the token is the current one. `raced`: it was, a moment ago; the other tab has the new one, nothing is revoked.
 * `reused`: it was rotated away before, so two hold it and one of them stole it. `unknown`: it never was one of this session.
 */
export type RefreshOutcome = 'refreshed' | 'raced' | 'reused' | 'expired' | 'revoked' | 'unknown';

/** What comes of showing a refresh token (RFC 9700, 4.14.2: rotation with detection of reuse). */
export function judgeRefresh(
  { presentedHash, at }: { presentedHash: string; at: string },
  state: Session,
): RefreshOutcome {
  if (state.status === 'none') return 'unknown';
  const isCurrent = presentedHash === state.refreshHash;
  if (!isCurrent && !state.former.includes(presentedHash)) return 'unknown';
  if (state.status === 'revoked') return 'revoked';
  const idle = Date.parse(at) - Date.parse(state.refreshedAt);
  if (isCurrent) return idle > IDLE_MS ? 'expired' : 'refreshed';
  return presentedHash === state.former.at(-1) && idle <= RACE_MS ? 'raced' : 'reused';
}

export type RefreshInput = { readonly presentedHash: string; readonly nextHash: string; readonly at: string };

/** What a refresh makes happen; `judgeRefresh` of the same state says what to answer. */
export function refreshSession(input: RefreshInput, state: Session): SessionEvent[] {
  if (state.status === 'none') return [];
  const { sessionId, memberId } = state;
  const { at, nextHash: refreshHash } = input;
  const outcome = judgeRefresh(input, state);
  if (outcome === 'refreshed') return [{ type: 'SessionRefreshed', data: { sessionId, memberId, refreshHash, at } }];
  if (outcome === 'reused') return revokeSession({ by: memberId, reason: 'reuse', at }, state);
  if (outcome === 'expired') return revokeSession({ by: memberId, reason: 'expired', at }, state);
  return [];
}

export function revokeSession(input: { by: string; reason: Revocation; at: string }, state: Session): SessionEvent[] {
  if (state.status !== 'active') return [];
  const { sessionId, memberId } = state;
  return [{ type: 'SessionRevoked', data: { sessionId, memberId, ...input } }];
}
