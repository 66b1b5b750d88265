import { createHash } from 'node:crypto';
import { chanceOf } from '../github/faults.ts';
import {
  at,
  DAYS,
  type Deed,
  type Happening,
  type Person,
  type PlannedCommit,
  type PlannedRepository,
} from './plan.ts';

type Written = Partial<Pick<PlannedCommit, 'offset' | 'committedAt' | 'author' | 'committer' | 'message'>>;
type Pushed = { readonly repository?: string; readonly branch?: string; readonly drops?: number };

/** Writes down what one person does. Everything follows from the seed and the name. */
export class Diary {
  readonly key: string;
  readonly #chance: () => number;
  readonly #repositories: PlannedRepository[] = [];
  readonly #happenings: Happening[] = [];
  #commits = 0;

  constructor(seed: number, key: string) {
    this.key = key;
    this.#chance = chanceOf(parseInt(createHash('sha1').update(`${seed} ${key}`).digest('hex').slice(0, 8), 16));
    this.repository('garden');
  }

  /** True so often. */
  happens(probability: number): boolean {
    return this.#chance() < probability;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#chance() * (most - least + 1));
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)] as Item;
  }

  /** @returns its key */
  repository(name: string, facts: Partial<Pick<PlannedRepository, 'owner' | 'private' | 'readers'>> = {}): string {
    const { owner = this.key, private: hidden = false, readers = [] } = facts;
    const key = `${owner}/${name}`;
    this.#repositories.push({ key, owner, name, private: hidden, readers });
    return key;
  }

  commit(authoredAt: number, written: Written = {}): PlannedCommit {
    this.#commits += 1;
    return {
      sha: createHash('sha1').update(`${this.key} ${this.#commits}`).digest('hex'),
      author: this.key,
      authoredAt,
      offset: 540,
      committedAt: authoredAt,
      message: `${this.key}: change ${this.#commits}`,
      ...written,
    };
  }

  push(when: number, commits: readonly PlannedCommit[], { repository, branch = 'main', drops }: Pushed = {}): void {
    this.#happenings.push({
      ...{ kind: 'push', at: when, by: this.key, repository: repository ?? `${this.key}/garden`, branch, commits },
      ...(drops !== undefined && { drops }),
      told: this.happens(0.15),
    });
  }

  /** Some commits in the course of a day, pushed within the hour after the last of them. */
  work(day: number, pushed: Pushed = {}, most = 3): PlannedCommit[] {
    const hour = this.between(9, 20);
    const commits = Array.from({ length: this.between(1, most) }, (_, index) =>
      this.commit(at(day, hour, 5 + 15 * index, this.between(0, 59))),
    );
    this.push(at(day, hour, 55, this.between(0, 59)) + this.between(0, 2) * 3_600, commits, pushed);
    return commits;
  }

  /** Work on each day that is chosen. */
  daily(chosen: (day: number) => boolean, pushed: Pushed = {}): void {
    for (let day = 0; day < DAYS; day += 1) if (chosen(day)) this.work(day, pushed);
  }

  does(deed: Deed): void {
    this.#happenings.push(deed);
  }

  person(habit: string): Person {
    return {
      key: this.key,
      name: `${this.key.slice(0, 1).toUpperCase()}${this.key.slice(1)} Kim`,
      habit,
      repositories: this.#repositories,
      happenings: this.#happenings,
    };
  }
}
