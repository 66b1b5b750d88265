import { challenge, type Challenge, type OpenChallenge } from '../../domain/challenge.ts';
import type { Recorded } from '../../domain/event-registry.ts';
import { personOf } from '../../domain/member.ts';
import type { Position } from '../event-store/event-store.ts';

/** Streams the roster is folded from. */
export const rosterStreams = ['challenge-', 'member-'] as const;

/** Who takes part in which challenge, and who turned out to be whom: folded from the log, in the log's order. */
export class AttendanceRoster {
  readonly #challenges = new Map<string, Challenge>();
  readonly #mergedInto = new Map<string, string>();
  #position: Position = -1n;
  #index: RosterIndex | null = null;

  /** An event that was folded before changes nothing. */
  fold(event: Recorded): void {
    if (event.position <= this.#position) return;
    switch (event.type) {
      case 'ChallengeOpened':
      case 'ChallengeRevised':
      case 'ChallengeRuleChanged':
      case 'RepositoryFollowed':
      case 'MemberJoined':
      case 'MemberLeft':
      case 'ChallengeClosed': {
        const { challengeId } = event.data;
        const state = this.#challenges.get(challengeId) ?? challenge.initial;
        this.#challenges.set(challengeId, challenge.evolve(state, event));
        break;
      }
      case 'MemberMerged':
        this.#mergedInto.set(event.data.memberId, event.data.into);
        break;
      default:
        return;
    }
    this.#position = event.position;
    this.#index = null;
  }

  /** The member somebody is now. */
  personOf(memberId: string): string {
    return personOf(memberId, (member) => this.#mergedInto.get(member));
  }

  /** Everybody a person was taken for, and the person. */
  aliasesOf(person: string): readonly string[] {
    return this.#lookup().aliases.get(person) ?? [person];
  }

  /** Open challenges the person, or a member who turned out to be this person, has joined. */
  challengesOf(person: string): readonly OpenChallenge[] {
    return this.#lookup().challenges.get(person) ?? [];
  }

  /** The people in an open challenge. */
  participantsOf(challengeId: string): string[] {
    const state = this.#challenges.get(challengeId);
    return state?.status === 'open'
      ? [...new Set([...state.members.keys()].map((member) => this.personOf(member)))]
      : [];
  }

  #lookup(): RosterIndex {
    return (this.#index ??= this.#buildIndex());
  }

  #buildIndex(): RosterIndex {
    const index: RosterIndex = { aliases: new Map(), challenges: new Map() };
    for (const member of this.#mergedInto.keys()) {
      const person = this.personOf(member);
      if (person === member) continue;
      const aliases = index.aliases.get(person);
      if (aliases) aliases.push(member);
      else index.aliases.set(person, [person, member]);
    }
    for (const state of this.#challenges.values()) {
      if (state.status !== 'open') continue;
      for (const person of this.participantsOf(state.id)) {
        const challenges = index.challenges.get(person);
        if (challenges) challenges.push(state);
        else index.challenges.set(person, [state]);
      }
    }
    return index;
  }
}

type RosterIndex = { aliases: Map<string, string[]>; challenges: Map<string, OpenChallenge[]> };
