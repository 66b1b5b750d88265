import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from './failure.ts';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const schema = z.object({
  version: z.literal(2),
  tips: z.array(sha),
  mailmap: z.string(),
  shallow: z.string(),
  /** Commits the history had, and those of them that could not be read. */
  commits: z.int().min(0),
  skipped: z.object({ count: z.int().min(0), examples: z.array(z.object({ sha: z.string(), reason: z.string() })) }),
  /** Books that everybody of this history has been entered into. */
  enrolled: z.array(z.string()),
  /** Committer date of the newest commit read, seconds since the epoch. */
  newest: z.int(),
  /** An event of the log this was written beside: with another log, or one set back, nothing here holds. */
  witness: z.object({ revision: z.string().regex(/^\d+$/), id: z.string() }),
});

/**
 * How far a repository has been read. Nothing but a shortcut: without it everything is read again and nothing is recorded twice.
 * It is written after the events it speaks of were acknowledged.
 */
export type Cursor = z.infer<typeof schema>;

const fileOf = (dataDirectory: string, repositoryId: string) => join(dataDirectory, 'collect', `${repositoryId}.json`);

/** Null when there is none, or none that can be understood. */
export async function readCursor(dataDirectory: string, repositoryId: string): Promise<Cursor | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(fileOf(dataDirectory, repositoryId), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) !== undefined) return null;
    throw error;
  }
}

/** Replaces the file in one step: whoever reads it sees the one or the other. */
export async function writeCursor(dataDirectory: string, repositoryId: string, cursor: Cursor): Promise<void> {
  const file = fileOf(dataDirectory, repositoryId);
  await mkdir(join(dataDirectory, 'collect'), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(cursor));
  await rename(`${file}.new`, file);
}
