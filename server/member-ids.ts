import type { Identity } from '../domain/member.ts';
import type { Codec } from './event-store/codec.ts';

/**
 * Makes the ids of members registered from now on: the same identity, the same id, and nobody can tell the identity from it by
 * trying. Members known already are found by their identities, whatever their ids.
 */
export const memberIdsBy =
  (codec: Pick<Codec, 'fingerprint'>) =>
  ({ kind, value }: Identity): string =>
    codec.fingerprint('member', kind, value);
