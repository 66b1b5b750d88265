import type { Author } from '../../domain/identity.ts';
import { failureAt, RepositoryFailure } from './failure.ts';
import { GitFailed, type Git } from './git.ts';
import type { LocalRepository } from './local-git.ts';
import type { Snapshot } from './snapshot.ts';
import { decode } from './text.ts';

/** Which commits there are and who signed them: what has to be known before the first of them is recorded. */
export type History = {
  /** Oldest first. */
  readonly shas: readonly string[];
  /** Who wrote each: an index into `authors`. */
  readonly authorOf: readonly number[];
  readonly authors: readonly AuthorSeen[];
  /** Why git stopped before the end, at a damaged object; what it had told until then stands. */
  readonly brokenOff: RepositoryFailure | null;
};

export type AuthorSeen = Author & {
  /** Committer date of the newest commit, seconds since the epoch. */
  readonly newest: number;
};

/** A record with a longer author is not kept: git takes any number of bytes for a name. */
const LONGEST_RECORD = 64 * 1024;
const NO_AUTHOR = '\0\0\0';

/** `git log -z` ends each of these with NUL, which no field can hold. */
const FIELDS = ['%H', '%ct', '%an', '%ae', '%aN', '%aE'];

/**
 * Lists the commits that lead to the tips but not to those read before, each once.
 * @param known commits whose history has been read; some may not exist any more
 * @throws {RepositoryFailure} when git tells nothing
 */
export async function readHistory(
  { git, location }: LocalRepository,
  { tips, mailmap }: Pick<Snapshot, 'tips' | 'mailmap'>,
  known: readonly string[],
  onProgress: (commits: number) => void = () => undefined,
): Promise<History> {
  const records = new RecordReader();
  let brokenOff: RepositoryFailure | null = null;
  if (tips.length > 0)
    try {
      await git.run(
        // In this order: what stdin names is looked up as soon as it is mentioned.
        ['log', '--ignore-missing', '--stdin', '-z', '--encoding=UTF-8', `--format=${FIELDS.join('%x00')}`],
        {
          settings: mailmapSettings(mailmap),
          input: [...tips, ...known.map((sha) => `^${sha}`), ''].join('\n'),
          onOutput: (chunk) => {
            records.take(chunk);
            onProgress(records.shas.length);
          },
        },
      );
    } catch (error) {
      const failure = await failureAt(location, error);
      if (!(failure instanceof RepositoryFailure && error instanceof GitFailed)) throw failure;
      brokenOff = failure;
    }
  return {
    shas: records.shas.reverse(),
    authorOf: records.authorOf.reverse(),
    authors: await withSharedAddresses(git, mailmap, records.authors),
    brokenOff,
  };
}

/** The mailmap of the snapshot and no other: a repository's configuration may name any file. */
const mailmapSettings = ({ blob }: Snapshot['mailmap']) => ['mailmap.file=', `mailmap.blob=${blob}`];

/** Takes git's output as it comes: authors are decoded once each, not once a commit. */
class RecordReader {
  readonly shas: string[] = [];
  readonly authorOf: number[] = [];
  readonly authors: (Author & { newest: number })[] = [];
  readonly #known = new Map<string, number>();
  #rest: Buffer = Buffer.alloc(0);
  /** Fields of a record that is left out which are still to come. */
  #skip = 0;

  take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = this.#skipFields(bytes, 0);
    while (this.#skip === 0) {
      const ends = fieldEnds(bytes, start, FIELDS.length);
      if (ends.length < FIELDS.length) break;
      this.#add(bytes, start, ends);
      start = (ends.at(-1) ?? start) + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > LONGEST_RECORD) this.#leaveOut();
  }

  /** Nobody is called like that: the commit is nobody's, and the rest of its author is not kept. */
  #leaveOut(): void {
    const ends = fieldEnds(this.#rest, 0, FIELDS.length);
    const [shaEnd, secondsEnd] = ends;
    if (shaEnd !== undefined && secondsEnd !== undefined)
      this.#note(
        this.#rest.toString('latin1', 0, shaEnd),
        this.#rest.toString('latin1', shaEnd + 1, secondsEnd),
        NO_AUTHOR,
      );
    this.#skip = FIELDS.length - ends.length;
    this.#rest = Buffer.alloc(0);
  }

  /** @returns where the fields that are left out end, or where the bytes do */
  #skipFields(bytes: Buffer, start: number): number {
    const ends = fieldEnds(bytes, start, this.#skip);
    this.#skip -= ends.length;
    return this.#skip > 0 ? bytes.length : (ends.at(-1) ?? start - 1) + 1;
  }

  #add(bytes: Buffer, start: number, ends: readonly number[]): void {
    const [shaEnd = 0, secondsEnd = 0] = ends;
    const end = ends.at(-1) ?? start;
    this.#note(
      bytes.toString('latin1', start, shaEnd),
      bytes.toString('latin1', shaEnd + 1, secondsEnd),
      end - start > LONGEST_RECORD ? NO_AUTHOR : bytes.toString('latin1', secondsEnd + 1, end),
    );
  }

  /** @param key the author's four fields as they stand in the record */
  #note(sha: string, time: string, key: string): void {
    const seconds = Number(time);
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.authors.length;
      this.#known.set(key, index);
      this.authors.push(authorOf(Buffer.from(key, 'latin1'), seconds));
    }
    const author = this.authors[index];
    if (author && author.newest < seconds) author.newest = seconds;
    this.shas.push(sha);
    this.authorOf.push(index);
  }
}

function authorOf(fields: Buffer, newest: number): Author & { newest: number } {
  const [rawNameEnd = 0, rawEmailEnd = 0, nameEnd = 0] = fieldEnds(fields, 0, 3);
  const rawName = decode(fields.subarray(0, rawNameEnd));
  const rawEmail = decode(fields.subarray(rawNameEnd + 1, rawEmailEnd));
  // Where git cannot take the author line apart, it leaves the mailmapped two as they stand in the format.
  if (rawName === '' && rawEmail === '') return { name: '', email: '', rawName, rawEmail, newest };
  const name = decode(fields.subarray(rawEmailEnd + 1, nameEnd));
  return { name, email: decode(fields.subarray(nameEnd + 1)), rawName, rawEmail, newest };
}

/** Where fields end: as many as are asked for, or as there are. */
function fieldEnds(bytes: Buffer, start: number, count: number): number[] {
  const ends: number[] = [];
  for (let from = start; ends.length < count;) {
    const end = bytes.indexOf(0, from);
    if (end === -1) break;
    ends.push(end);
    from = end + 1;
  }
  return ends;
}

const NOBODY = 'almanac asks whether the name matters';

/**
 * A mailmap may replace an address whoever uses it, or only together with a name (gitmailmap(5), the last form). Git is asked
 * about the address under a name nobody has: where that is not replaced alike, the address alone proves nobody's identity.
 */
async function withSharedAddresses(
  git: Git,
  mailmap: Snapshot['mailmap'],
  authors: readonly AuthorSeen[],
): Promise<AuthorSeen[]> {
  const replaced = [
    ...new Set(authors.filter(({ email, rawEmail }) => email !== rawEmail).map(({ rawEmail }) => rawEmail)),
  ];
  const askable = replaced.filter((email) => email !== '' && !/[<>\r\n]/.test(email));
  if (askable.length === 0) return [...authors];
  const { stdout } = await git.run(['check-mailmap', '--stdin'], {
    settings: mailmapSettings(mailmap),
    input: askable.map((email) => `${NOBODY} <${email}>\n`).join(''),
  });
  const answers = stdout.toString().split('\n');
  const meant = new Map(
    askable.map((email, index) => [email, /<(.*)>$/.exec(answers[index] ?? '')?.[1]?.toLowerCase()]),
  );
  return authors.map((author) => {
    const { email, rawEmail } = author;
    const shared = email !== rawEmail && rawEmail !== '' && meant.get(rawEmail) !== email.toLowerCase();
    return shared ? { ...author, sharedAddress: true } : author;
  });
}
