import { randomUUID } from 'node:crypto';
import {
  attendance,
  attendanceStream,
  correctDay,
  excuseDay,
  withdrawExcuse,
  type Attendance,
  type AttendanceEvent,
  type Correction,
  type Excuse,
} from '../../domain/attendance.ts';
import type { Day } from '../../domain/calendar.ts';
import {
  challenge,
  challengeStream,
  changeRule,
  closeChallenge,
  closeJoining,
  enrol,
  joinChallenge,
  leave,
  openChallenge,
  openJoining,
  reviseChallenge,
  type Challenge,
  type ChallengeEvent,
  type OpenChallengeInput,
  type Rule,
  type Season,
} from '../../domain/challenge.ts';
import { Deciding, type DecidingParts } from '../event-store/deciding.ts';

/** Whose day in which season; the season says which stream it stands in. */
export type DayOf = { readonly challengeId: string; readonly memberId: string; readonly season: Season };

export type NewSeason = Omit<OpenChallengeInput, 'id' | 'by' | 'at'> & {
  /** Only commits these hold count; none: every commit of who takes part. */
  readonly repositories: readonly string[];
  /** Who takes part from the first day on. */
  readonly members: readonly string[];
  /** Whoever signs in may take part. */
  readonly joining: boolean;
};

/**
 * What organisers and participants decide about seasons and their days. Every method ends when the book shows it.
 * Each throws {@link StoreUnavailable}, and {@link ReadModelsBehind} when it was decided and is not shown yet.
 */
export class Seasons {
  readonly #deciding: Deciding;

  constructor(parts: DecidingParts) {
    this.#deciding = new Deciding(parts);
  }

  /** @returns the id of the season */
  async open({ repositories, members, joining, ...input }: NewSeason, by: string): Promise<string> {
    const id = randomUUID();
    const at = this.#deciding.at();
    await this.#decide(id, `open`, (none) => {
      const opened = openChallenge({ id, ...input, by, at }, none);
      const state = opened.reduce(challenge.evolve, none);
      const joined = joining ? openJoining({ by, at }, state) : [];
      return [...opened, ...enrol({ repositories, members }, state), ...joined];
    });
    return id;
  }

  /** @throws {ChallengeRefused} */
  revise(id: string, revision: { title: string; season: Season & { kind: 'fixed' } }, by: string): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(id, `revise ${at} ${JSON.stringify(revision)}`, (state) =>
      reviseChallenge({ ...revision, by, at }, state),
    );
  }

  changeRule(id: string, rule: Rule, by: string): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(id, `change rule ${at} ${JSON.stringify(rule)}`, (state) =>
      changeRule(rule, state, { by, at }),
    );
  }

  /** @param invited an organiser enters them @throws {ChallengeRefused} */
  join(
    id: string,
    { memberId, from, invited }: { memberId: string; from?: Day | undefined; invited: boolean },
    by: string,
  ): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(id, `join ${memberId} ${from} ${at}`, (state) =>
      joinChallenge({ memberId, from, invited, by, at }, state),
    );
  }

  leave(id: string, memberId: string, by: string): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(id, `leave ${memberId} ${at}`, (state) => leave(memberId, state, { by, at }));
  }

  /** Opens a season to whoever signs in, or closes it to them again; one that has ended stays closed. */
  setJoining({ challengeId, open, by }: { challengeId: string; open: boolean; by: string }): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(challengeId, `joining ${open} ${at}`, (state) =>
      open ? openJoining({ by, at }, state) : closeJoining({ by, at }, state),
    );
  }

  /** Ends it for good: its days stay as they are. */
  close(id: string, by: string): Promise<void> {
    const at = this.#deciding.at();
    return this.#decide(id, 'close', (state) => closeChallenge(state, { by, at }));
  }

  /** An organiser decides a day; it stands against every later collection. */
  correct(of: DayOf, correction: Correction): Promise<void> {
    const intention = `correct ${correction.verdict} ${correction.by}`;
    return this.#decideDay(of, correction.day, intention, (place, state) => correctDay(correction, place, state));
  }

  /** @throws {ExcuseBudgetSpent} */
  excuse(of: DayOf, rule: Rule, excuse: Excuse): Promise<void> {
    return this.#decideDay(of, excuse.day, 'excuse', (place, state) => excuseDay(excuse, place, rule, state));
  }

  withdrawExcuse(of: DayOf, excuse: { day: Day; by: string }): Promise<void> {
    return this.#decideDay(of, excuse.day, 'withdraw excuse', (place, state) => withdrawExcuse(excuse, place, state));
  }

  #decide(id: string, intention: string, decide: (state: Challenge) => ChallengeEvent[]): Promise<void> {
    return this.#deciding.decide({ stream: challengeStream(id), aggregate: challenge, intention, decide });
  }

  #decideDay(
    { challengeId, memberId, season }: DayOf,
    day: Day,
    intention: string,
    decide: (place: { challengeId: string; memberId: string }, state: Attendance) => AttendanceEvent[],
  ): Promise<void> {
    return this.#deciding.decide({
      stream: attendanceStream(challengeId, memberId, season, day),
      aggregate: attendance,
      intention: `${intention} ${day} ${this.#deciding.at()}`,
      decide: (state) => decide({ challengeId, memberId }, state),
    });
  }
}
