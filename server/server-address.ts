import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Where the server that owns a data directory listens, the token that makes the caller its operator, and what its `/health`
 * shows: nobody else at that address is to be given the token.
 */
const addressSchema = z.object({ pid: z.int(), url: z.url(), token: z.string().min(32), instance: z.uuid() });
export type ServerAddress = z.infer<typeof addressSchema>;

const fileIn = (dataDirectory: string) => join(dataDirectory, 'server.json');

/** Readable by this user alone: whoever can read it may operate the server. */
export function publishAddress(dataDirectory: string, address: ServerAddress): void {
  const file = fileIn(dataDirectory);
  writeFileSync(`${file}.new`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const withdrawAddress = (dataDirectory: string): void => rmSync(fileIn(dataDirectory), { force: true });

/** Ours is. One that came with somebody's repository is not: nobody is to be led to another address by it. */
const isPrivate = (file: string): boolean => process.platform === 'win32' || (statSync(file).mode & 0o077) === 0;

/**
 * The address last published; the server may be gone (a killed one leaves its address behind). A file that cannot be read counts
 * as none: should a server own the directory, or its folder be closed, opening it says so.
 */
export function readAddress(dataDirectory: string): ServerAddress | null {
  try {
    const file = fileIn(dataDirectory);
    if (!isPrivate(file)) return null;
    return addressSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
