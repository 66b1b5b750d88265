import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the server that owns a data directory listens, and the token that makes the caller its operator. */
const addressSchema = z.object({ pid: z.int(), url: z.url(), token: z.string().min(32) });
export type ServerAddress = z.infer<typeof addressSchema>;

const fileIn = (dataDirectory: string) => join(dataDirectory, 'server.json');

/** Readable by this user alone: whoever can read it may operate the server. */
export function publishAddress(dataDirectory: string, address: ServerAddress): void {
  const file = fileIn(dataDirectory);
  writeFileSync(`${file}.new`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const withdrawAddress = (dataDirectory: string): void => rmSync(fileIn(dataDirectory), { force: true });

/** The address last published; the server may be gone (a killed one leaves its address behind). */
export function readAddress(dataDirectory: string): ServerAddress | null {
  let text: string;
  try {
    text = readFileSync(fileIn(dataDirectory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return addressSchema.parse(JSON.parse(text));
}
