import { randomBytes, randomUUID } from 'node:crypto';
import type { ProjectionName } from '../../projections/all.ts';
import { cheers, cheerStream, postCheer, removeCheer, type CheerInput, type Remover } from '../../domain/cheer.ts';
import { declareGoal, dropGoal, goals, goalStream, reachGoal, type GoalInput } from '../../domain/goal.ts';
import {
  publication,
  publicationStream,
  publishProfile,
  unpublishProfile,
  type PublishInput,
} from '../../domain/published-profile.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import { Deciding } from '../event-store/deciding.ts';

export type CommunityParts = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly models: { waitFor(position: Position, options: { projections: readonly ProjectionName[] }): Promise<void> };
};

type Season = Parameters<typeof declareGoal>[1];
/** Of an intention: the id and the moment are given to it here. */
type Wish<Input> = Omit<Input, 'at' | 'goalId' | 'cheerId' | 'address'>;

/** What members decide about their goals, what they write to each other, and what they show to everybody. Resolves when it is shown. */
export class Community {
  readonly #deciding: Deciding;

  constructor({ store, codec, now, models }: CommunityParts) {
    const shown = (position: Position) => models.waitFor(position, { projections: ['community'] });
    this.#deciding = new Deciding({ store, codec, now, shown });
  }

  /** @param reached goals that the book says are reached @returns its id @throws {GoalRefused} @throws {StoreUnavailable} */
  async declareGoal(wish: Wish<GoalInput>, season: Season, reached: ReadonlySet<string>): Promise<string> {
    const input: GoalInput = { ...wish, goalId: randomUUID(), at: this.#deciding.at() };
    await this.#deciding.decide({
      ...{ stream: goalStream(input.memberId), aggregate: goals, intention: `declare ${input.goalId}` },
      decide: (state) => declareGoal(input, season, reached, state),
    });
    return input.goalId;
  }

  /** @param memberId in whose stream it is @throws {GoalRefused} @throws {StoreUnavailable} */
  async reachGoal(memberId: string, goalId: string): Promise<void> {
    const input = { memberId, goalId, at: this.#deciding.at() };
    await this.#deciding.decide({
      ...{ stream: goalStream(memberId), aggregate: goals, intention: `reach ${goalId}` },
      decide: (state) => reachGoal(input, state),
    });
  }

  /** @param memberId in whose stream it is @throws {StoreUnavailable} */
  async dropGoal(memberId: string, goalId: string): Promise<void> {
    const input = { memberId, goalId, at: this.#deciding.at() };
    await this.#deciding.decide({
      ...{ stream: goalStream(memberId), aggregate: goals, intention: `drop ${goalId}` },
      decide: (state) => dropGoal(input, state),
    });
  }

  /** @param today how many their author has written today @returns its id @throws {CheerRefused} @throws {StoreUnavailable} */
  async postCheer(wish: Wish<CheerInput>, today: number): Promise<string> {
    const input: CheerInput = { ...wish, cheerId: randomUUID(), at: this.#deciding.at() };
    await this.#deciding.decide({
      ...{ stream: cheerStream(input.to, input.at), aggregate: cheers, intention: `post ${input.cheerId}` },
      decide: (state) => postCheer(input, today, state),
    });
    return input.cheerId;
  }

  /** @param place the recipient and the instant it was written with @throws {CheerRefused} @throws {StoreUnavailable} */
  async removeCheer(wish: Wish<Remover> & { cheerId: string }, place: { to: string; at: string }): Promise<void> {
    const input: Remover = { ...wish, at: this.#deciding.at() };
    await this.#deciding.decide({
      ...{ stream: cheerStream(place.to, place.at), aggregate: cheers, intention: `remove ${input.cheerId}` },
      decide: (state) => removeCheer(input, state),
    });
  }

  /** @throws {NameMissing} @throws {StoreUnavailable} */
  async publish(wish: Wish<PublishInput>): Promise<void> {
    const at = this.#deciding.at();
    // 128 bits: nobody finds an address by trying.
    const input: PublishInput = { ...wish, address: randomBytes(16).toString('base64url'), at };
    await this.#deciding.decide({
      ...{ stream: publicationStream(input.memberId), aggregate: publication, newest: 1 },
      intention: `publish ${input.address}`,
      decide: (state) => publishProfile(input, state),
    });
  }

  /** @throws {StoreUnavailable} */
  async unpublish(memberId: string): Promise<void> {
    const at = this.#deciding.at();
    await this.#deciding.decide({
      ...{ stream: publicationStream(memberId), aggregate: publication, newest: 1, intention: `unpublish ${at}` },
      decide: (state) => unpublishProfile({ memberId, at }, state),
    });
  }
}
