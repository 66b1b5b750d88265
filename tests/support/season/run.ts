import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Messages } from '../../../server/notify/open-messages.ts';
import type { BookView } from '../../../server/api/views.ts';
import { AlmanacOfSeason, OWNER, type Clock } from './almanac-of-season.ts';
import { seasonOf } from './generate.ts';
import { GitHubOfSeason } from './github-of-season.ts';
import type { Deed, Happening, SeasonPlan, Terms } from './plan.ts';
import { Truth } from './truth.ts';
import { CALM, weatherAt } from './weather.ts';

/** Somebody of the plan as Almanac knows them. */
export type Known = { readonly id: string; readonly handle: string };

/** Lets a plan happen to a running Almanac: people push and decide at their instants, and Almanac reads when it is told to. */
export class SeasonRun implements AsyncDisposable {
  readonly seed: number;
  readonly plan: SeasonPlan;
  readonly truth: Truth;
  readonly gitHub: GitHubOfSeason;
  readonly almanac: AlmanacOfSeason;
  readonly clock: Clock;
  readonly members = new Map<string, Known>();
  /** Ids of the seasons, in the order of the plan's terms. */
  readonly seasons: string[] = [];
  /** Whose token has ended and was not replaced yet, with the instant at which it ended. */
  readonly revoked = new Map<string, number>();
  /** Who was entered since all was read: of their earlier days nobody may have asked yet. */
  readonly entered = new Set<string>();
  readonly told = { deliveries: 0, lost: 0 };
  #next = 0;

  private constructor(seed: number, plan: SeasonPlan, gitHub: GitHubOfSeason, clock: Clock) {
    this.seed = seed;
    this.plan = plan;
    this.truth = new Truth(plan);
    this.gitHub = gitHub;
    this.clock = clock;
    this.almanac = new AlmanacOfSeason(gitHub, clock);
  }

  /** Everybody has signed in, the seasons are open. @param opened seconds since the epoch */
  static async start(seed: number, opened: number): Promise<SeasonRun> {
    const plan = seasonOf(seed);
    const run = new SeasonRun(seed, plan, await GitHubOfSeason.start(plan, OWNER), { ms: opened * 1000 });
    await run.almanac.start();
    await run.almanac.signIn(OWNER);
    const arriving = new Set(plan.happenings.flatMap(({ kind, by }) => (kind === 'arrive' ? [by] : [])));
    for (const { key } of plan.people) if (!arriving.has(key)) await run.#arrive(key);
    for (const terms of plan.terms) await run.#openSeason(terms);
    return run;
  }

  /** Signs in, is let in, and shows Almanac private repositories. */
  async #arrive(key: string): Promise<void> {
    const { id } = await this.almanac.signIn(key);
    const owner = await this.almanac.as(OWNER);
    await this.almanac.mutate('users.approve', { id, role: 'member' }, owner.bearer);
    const users = await this.almanac.query<{ id: string; handle: string }[]>('users.access', undefined, owner.bearer);
    this.members.set(key, { id, handle: users.find((one) => one.id === id)?.handle ?? '' });
    const { repositories } = this.plan.people.find((one) => one.key === key) ?? { repositories: [] };
    const hidden = repositories.filter((one) => one.private).map((one) => this.gitHub.repository(one.key).id);
    if (hidden.length > 0) await this.almanac.connect(key, hidden);
  }

  async #openSeason(terms: Terms): Promise<void> {
    const { bearer } = await this.almanac.as(OWNER);
    const { challenge } = await this.almanac.mutate<{ challenge: string }>(
      'challenges.open',
      {
        ...{ title: terms.title, start_date: terms.start, days: terms.days, time_zone: terms.zone, members: 'nobody' },
        ...{ commits_per_day: terms.commitsPerDay, excluded_weekdays: terms.excludedWeekdays },
        excused_days: terms.excusedDays,
      },
      bearer,
    );
    this.seasons.push(challenge);
    for (const key of terms.participants) await this.#enter(challenge, key);
  }

  async #enter(challenge: string, key: string, from: string | null = null): Promise<void> {
    const { bearer } = await this.almanac.as(OWNER);
    const place = { challenge, github_id: this.handleOf(key), ...(from !== null && { from }) };
    await this.almanac.mutate('challenges.enter', place, bearer);
  }

  handleOf(key: string): string {
    return this.members.get(key)?.handle ?? '';
  }

  /** Seconds since the epoch. */
  get now(): number {
    return Math.floor(this.clock.ms / 1000);
  }

  /** Everything that happens until then, each at its instant; then it is then. @returns what was no push */
  async until(seconds: number): Promise<Deed[]> {
    const deeds: Deed[] = [];
    while (this.#next < this.plan.happenings.length) {
      const happening = this.plan.happenings[this.#next] as Happening;
      if (happening.at > seconds) break;
      this.#next += 1;
      this.clock.ms = happening.at * 1000;
      if (happening.kind !== 'push') deeds.push(happening);
      await this.#happen(happening);
    }
    if (deeds.length > 0) await this.almanac.settle();
    this.clock.ms = seconds * 1000;
    return deeds;
  }

  async #happen(happening: Happening): Promise<void> {
    if (happening.kind === 'push') {
      const delivery = this.gitHub.push(happening);
      // What was taken back in the same moment was never to be seen: the two are one.
      const next = this.plan.happenings[this.#next];
      if (next?.kind === 'push' && next.at === happening.at && next.by === happening.by) return;
      if (!happening.told) {
        this.told.lost += 1;
        return;
      }
      this.told.deliveries += 1;
      const status = await this.almanac.deliver(delivery);
      if (status !== 202) throw new Error(`A push was answered with ${status}.`);
      return;
    }
    await this.#calmly(() => this.#do(happening));
  }

  async #do(deed: Deed): Promise<void> {
    const { kind, by } = deed;
    const seasons = this.seasons.filter((_, index) => this.plan.terms[index]?.participants.includes(by));
    const main = this.seasons[0] ?? '';
    if (kind === 'enter' || kind === 'return') this.entered.add(by);
    if (kind === 'arrive') await this.#arrive(by);
    else if (kind === 'enter') await this.#enter(main, by, deed.from);
    else if (kind === 'return') for (const challenge of seasons) await this.#enter(challenge, by);
    else if (kind === 'leave') await this.#leave(seasons, by);
    else if (kind === 'revoke') {
      this.gitHub.standIn.withdraw(this.gitHub.loginOf(by));
      this.revoked.set(by, deed.at);
    } else if (kind === 'reconnect') {
      await this.almanac.signIn(by);
      this.revoked.delete(by);
    } else if (kind === 'rename login') this.gitHub.renameLogin(by, deed.login);
    else if (kind === 'rename repository') this.gitHub.renameRepository(deed.repository, deed.name);
    else if (kind === 'stranger comes') this.gitHub.strangerComes(by, deed.login);
    else if (kind === 'excuse' || kind === 'correct') await this.#decideDay(deed, main);
  }

  async #leave(seasons: readonly string[], key: string): Promise<void> {
    const { bearer } = await this.almanac.as(key);
    for (const challenge of seasons) await this.almanac.mutate('challenges.leave', { challenge }, bearer);
  }

  async #decideDay(deed: Extract<Deed, { kind: 'excuse' | 'correct' }>, challenge: string): Promise<void> {
    const { bearer } = await this.almanac.as(deed.kind === 'correct' ? OWNER : deed.by);
    const place = { challenge, github_id: this.handleOf(deed.by), date: deed.day, reason: 'as the plan has it' };
    if (deed.kind === 'excuse') await this.almanac.mutate('corrections.excuse', place, bearer);
    else await this.almanac.mutate('corrections.correct', { ...place, verdict: deed.verdict }, bearer);
  }

  /** What people do, not what is read, is to be done without trouble. */
  async #calmly(work: () => Promise<void>): Promise<void> {
    const { faults } = this.gitHub.standIn;
    const { choose } = faults;
    faults.choose = CALM.choose;
    await work();
    faults.choose = choose;
  }

  /**
   * Reads everybody, and looks at the book again and again meanwhile.
   * @param weather what GitHub is like meanwhile
   * @returns what the book showed before everything was settled
   */
  async collect(weather: 'calm' | 'as it is'): Promise<BookView[]> {
    const { choose, silent } = weather === 'calm' ? CALM : weatherAt(this.seed, this.now);
    this.gitHub.standIn.faults.choose = choose;
    const glances: Promise<BookView>[] = [];
    let done = 0;
    // Whatever is new comes in the first readings of a day: a look in the middle of each reading, and one at its end.
    const glance = () => (++done === 15 ? void glances.push(this.book(0)) : undefined);
    await withPatience(silent ? 1_000 : Infinity, () => this.almanac.collect(glance));
    glances.push(this.book(0));
    const seen = await Promise.all(glances);
    await this.almanac.settle();
    return seen;
  }

  /** The book of a season as everybody sees it now, or as it was. */
  book(season: number, asOf?: string): Promise<BookView> {
    return this.almanac.query<BookView>('attendance.book', {
      challenge: this.seasons[season],
      ...(asOf !== undefined && { as_of: asOf }),
    });
  }

  /** Ends the server, does what is to be done meanwhile to what is kept, and starts it again. */
  async restart(meanwhile: (dataDirectory: string) => unknown = () => undefined): Promise<void> {
    await this.almanac.stop();
    meanwhile(this.almanac.dataDirectory);
    await this.almanac.start();
    await this.almanac.settle();
  }

  /** As if the server were killed when it had recorded what was read and not noted how far. */
  async collectAndBeKilled(): Promise<void> {
    const note = (directory: string) => join(directory, 'collect-github.sqlite');
    let before: Buffer | undefined;
    await this.restart((directory) => (before = readFileSync(note(directory))));
    await this.collect('as it is');
    await this.restart((directory) => {
      for (const end of ['-wal', '-shm']) rmSync(note(directory) + end, { force: true });
      if (before) writeFileSync(note(directory), before);
    });
  }

  /** The evening's reminder of the first season. @returns who has been told of that day, by their names in the plan */
  async remind(day: string): Promise<string[]> {
    const { messages, app } = this.almanac.running;
    await (messages as Messages).remind({ challengeId: this.seasons[0] ?? '', day }, new AbortController().signal);
    await this.almanac.settle();
    const rows = app.services
      .model('messages')
      .all<{ member_id: string }>("SELECT member_id FROM inbox WHERE kind = 'reminder' AND at LIKE ?", `${day}%`);
    const keys = new Map([...this.members].map(([key, { id }]) => [id, key]));
    return rows.map(({ member_id }) => keys.get(member_id) ?? member_id).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.almanac[Symbol.asyncDispose]();
    await this.gitHub[Symbol.asyncDispose]();
  }
}

/** Nobody has to sit out what is never answered: whatever waits waits so long at most. */
async function withPatience(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (given) => timeout.call(AbortSignal, Math.min(given, milliseconds));
  try {
    await work();
  } finally {
    AbortSignal.timeout = timeout;
  }
}
