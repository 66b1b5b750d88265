import { printable } from './printable.ts';
import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * The log: one JSON object a line, or a short line for people where a person is looking (a terminal).
 * Put errors under `err`: only what `errorFacts` names of them is written.
 */
export function createLog(level: LogLevel, destination: LogDestination = process.stdout): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (thrown: unknown) => errorFacts(thrown) },
  };
  if (destination.isTTY) return pino(options, { write: (line) => writeForPeople(line, destination) });
  return destination === process.stdout ? pino(options) : pino(options, destination);
}

export type LogDestination = DestinationStream & { readonly isTTY?: boolean };

const DEEPEST_CAUSE = 4;

/**
 * What is written of an error: these fields and no others. Errors of clients carry requests, headers and connection strings
 * in fields of their own, and pino's redaction does not reach into depths nobody has named.
 */
export function errorFacts(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: withoutSecrets(String(thrown)) };
  const { name, message, stack, cause } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return {
    type: name,
    message: withoutSecrets(message),
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack: withoutSecrets(stack) }),
    ...(cause !== undefined && depth < DEEPEST_CAUSE && { cause: errorFacts(cause, depth + 1) }),
  };
}

/** Credentials that texts of errors are known to quote: in URLs, in headers, and tokens by their prefixes. */
const SECRETS: readonly [RegExp, string][] = [
  [/(\w+:\/\/)[^/\s@"']+@/g, '$1***@'],
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\b(gh[pousr]_|github_pat_|glpat-|sk-|ntn_|secret_|xox[a-z]-)[\w-]{8,}/g, '$1***'],
];

export const withoutSecrets = (text: string): string =>
  SECRETS.reduce((clean, [pattern, mask]) => clean.replaceAll(pattern, mask), text);

/** `12:03:41 warn  Reading failed repository=almanac`. Requests that went well are left out: nobody reads them here. */
function writeForPeople(line: string, destination: DestinationStream): void {
  const { level, time, msg, err, request, ...rest } = JSON.parse(line) as Record<string, unknown>;
  if (request !== undefined && (level === 'info' || level === 'debug')) return;
  const facts = Object.entries({ ...(request as object | undefined), ...rest }).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const text = `${[clock, String(level).padEnd(5), msg, ...facts].join(' ')}\n${errorForPeople(err)}`;
  destination.write(printable(text));
}

const errorForPeople = (err: unknown): string => {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message } = err as { stack?: string; message?: string };
  return `${(stack ?? message ?? '').replaceAll(/^/gm, '    ')}\n`;
};
