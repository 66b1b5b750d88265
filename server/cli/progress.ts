/** How far a long work is, `done` of `total`. */
export type Progress = {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly ratePerSecond: number;
};

type Output = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

const BAR_WIDTH = 24;
const PLAIN_EVERY_MS = 2_000;
const number = (value: number) => Math.round(value).toLocaleString('en');

/** Seconds left as people say them: `8 s`, `2 min`. */
export function timeLeft({ done, total, ratePerSecond }: Progress): string {
  if (ratePerSecond <= 0) return '–';
  const seconds = Math.ceil((total - done) / ratePerSecond);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

const shareOf = ({ done, total }: Progress) => (total > 0 ? Math.min(1, done / total) : 0);

export function progressLine(progress: Progress): string {
  const { name, done, total, ratePerSecond } = progress;
  const share = shareOf(progress);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${name} ${bar}${percent}  ${number(done)} of ${number(total)}  ${number(ratePerSecond)}/s  ${timeLeft(progress)} left`;
}

/**
 * Shows progress on one line that is written over on a terminal, and as a line now and then elsewhere.
 * Works that go on together are shown as one: the one that is least far.
 */
export class ProgressDisplay {
  readonly #output: Output;
  readonly #now: () => number;
  readonly #latest = new Map<string, Progress>();
  #shownAt = -Infinity;
  #open = false;

  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  readonly report = (progress: Progress): void => {
    this.#latest.set(progress.name, progress);
    const all = [...this.#latest.values()];
    const least = all.reduce((a, b) => (shareOf(b) < shareOf(a) ? b : a));
    const line = progressLine({ ...least, name: all.length === 1 ? least.name : `${all.length} read models` });
    if (this.#output.isTTY) {
      this.#open = true;
      this.#output.write(`\r\x1b[K${line.slice(0, (this.#output.columns ?? 120) - 1)}`);
    } else if (this.#now() - this.#shownAt >= PLAIN_EVERY_MS) {
      this.#shownAt = this.#now();
      this.#output.write(`${line}\n`);
    }
  };

  /** Leaves the terminal on a line of its own. */
  end(): void {
    if (this.#open) this.#output.write('\r\x1b[K');
    this.#open = false;
  }
}
