import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '../domain/calendar.ts';
import { backupSettings, backupVariables, type BackupSettings } from './backup/settings.ts';
import {
  MESSAGE_PAIRS,
  MESSAGE_SECRETS,
  messageSettings,
  messageVariables,
  modelFaults,
  type MessageSettings,
} from './notify/settings.ts';
import { isLoopback } from './request-guard.ts';

/** The OAuth app people sign in by, and where its GitHub is. URLs end without a slash. */
export type GitHubSettings = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webUrl: string;
  readonly apiUrl: string;
};

/** How this process runs. Flags stand above environment variables, those above the defaults. */
export type Settings = {
  readonly port: number;
  readonly host: string;
  /** Absolute. Holds the event log, read models and everything else that is kept. */
  readonly dataDirectory: string;
  readonly timeZone: string;
  /** `esdb://…`; null: the embedded store. */
  readonly eventStoreUrl: string | null;
  /** Absolute paths of the repositories to read. */
  readonly repositories: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly production: boolean;
  /** The origin people reach this server by, `https://almanac.example`; null: nobody said. */
  readonly publicUrl: string | null;
  readonly github: GitHubSettings | null;
  /** Whoever shows it as Bearer may read and log, as nobody in particular. */
  readonly apiAuthToken: string | null;
  /** The first signs, all verify; none: one is made for each run. */
  readonly sessionSecrets: readonly string[];
  /** The first wraps, all unwrap; none: one is generated and kept. */
  readonly masterKeys: readonly string[];
  /** GitHub logins in lower case. */
  readonly owners: readonly string[];
  /** How many proxies in front append to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Requests a minute and address; 0: as many as they like. */
  readonly rateLimit: number;
  /** Who may read the documentation of the API. */
  readonly docs: 'open' | 'members' | 'closed';
  readonly webhookSecret: string | null;
  /** Where GitHub's API is, whether people sign in by it or not. */
  readonly gitHubApiUrl: string;
  /** What is public is read by it of those who have no token of their own. */
  readonly gitHubToken: string | null;
  readonly backups: BackupSettings;
  readonly messages: MessageSettings;
};

export type Flags = {
  port?: string | undefined;
  host?: string | undefined;
  dataDir?: string | undefined;
  timeZone?: string | undefined;
  eventStoreUrl?: string | undefined;
  repo?: readonly string[] | undefined;
  logLevel?: string | undefined;
};

/** Every fault of the configuration, one line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`Almanac cannot start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

const whole = (error: string, most: number) => z.coerce.number({ error }).int({ error }).min(0, { error }).max(most);
/** What is sent over http can be read on its way, unless it never leaves this machine. */
const isSafe = ({ protocol, hostname }: URL) => protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
/** A lone `?` or `#` is not to be seen in `search` and `hash`. */
const isBare = ({ href }: URL) => !/[?#@]/.test(href);
const address = (error: string, accepts: (url: URL) => boolean) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && isSafe(new URL(text)) && accepts(new URL(text)), { error })
    .transform((text) => new URL(text).href.replace(/\/+$/, ''));
const gitHubAddress = address('expected an https:// address (http:// for this machine only)', isBare);
const secret = z.string().nullable().default(null);

const schema = z.object({
  PORT: whole('expected a port number, 0 to 65535', 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('./data'),
  TIME_ZONE: z
    .string()
    .refine(isTimeZone, { error: 'expected an IANA time zone such as Asia/Seoul' })
    .default('Asia/Seoul'),
  EVENTSTORE_URL: z
    .string()
    .regex(/^(esdb|kurrentdb)(\+discover)?:\/\/.+/, {
      error: 'expected a connection string such as esdb://localhost:2113?tls=false',
    })
    .nullable()
    .default(null),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  PUBLIC_URL: address(
    'expected an origin without a path, such as https://almanac.example.org (http:// for this machine only)',
    (url) => isBare(url) && url.pathname === '/',
  )
    .nullable()
    .default(null),
  GITHUB_CLIENT_ID: z.string().nullable().default(null),
  GITHUB_CLIENT_SECRET: secret,
  GITHUB_WEB_URL: gitHubAddress.default('https://github.com'),
  GITHUB_API_URL: gitHubAddress.default('https://api.github.com'),
  GITHUB_WEBHOOK_SECRET: secret,
  GITHUB_TOKEN: secret,
  API_AUTH_TOKEN: z
    .string()
    .regex(/^[!-~]+$/, { error: 'expected letters, digits and signs without blanks: it is sent in a header' })
    .nullable()
    .default(null),
  SESSION_SECRET: secret,
  SESSION_SECRET_PREVIOUS: secret,
  MASTER_KEY: secret,
  MASTER_KEY_PREVIOUS: secret,
  OWNERS: z
    .string()
    .transform((text) => [...new Set(text.toLowerCase().split(',').map(trimmed).map(withoutAt).filter(Boolean))])
    .refine((logins) => logins.every((login) => /^[a-z\d][a-z\d-]{0,38}$/.test(login)), {
      error: 'expected GitHub logins, separated by commas',
    })
    .default([]),
  TRUSTED_PROXIES: whole('expected how many proxies stand in front, 0 to 16', 16).default(0),
  RATE_LIMIT: whole('expected requests a minute, 0 for no limit', 1_000_000).default(100),
  DOCS: z.enum(['open', 'members', 'closed']).default('open'),
  ...backupVariables,
  ...messageVariables,
});
type Variable = keyof typeof schema.shape;
const VARIABLES = Object.keys(schema.shape) as Variable[];

const FLAG_OF: Partial<Record<Variable, { key: Exclude<keyof Flags, 'repo'>; shown: string }>> = {
  PORT: { key: 'port', shown: '--port' },
  HOST: { key: 'host', shown: '--host' },
  DATA_DIR: { key: 'dataDir', shown: '--data-dir' },
  TIME_ZONE: { key: 'timeZone', shown: '--time-zone' },
  EVENTSTORE_URL: { key: 'eventStoreUrl', shown: '--event-store-url' },
  LOG_LEVEL: { key: 'logLevel', shown: '--log-level' },
};

/** What must not be seen in messages, process lists and `docker inspect`: `<NAME>_FILE` may name the file that holds it. */
const SECRETS: ReadonlySet<Variable> = new Set<Variable>([
  'GITHUB_CLIENT_SECRET',
  'GITHUB_WEBHOOK_SECRET',
  'GITHUB_TOKEN',
  'API_AUTH_TOKEN',
  'SESSION_SECRET',
  'SESSION_SECRET_PREVIOUS',
  'MASTER_KEY',
  'MASTER_KEY_PREVIOUS',
  ...MESSAGE_SECRETS,
]);

/** Every environment variable that configures Almanac. */
export const ENVIRONMENT: readonly string[] = [
  ...VARIABLES,
  ...[...SECRETS].map((name) => `${name}_FILE`),
  'REPOSITORIES',
  'NODE_ENV',
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from flags and environment; empty variables count as not set. What is wrong is refused; what a server must have besides
 * is asked of it by `checkServing`.
 * @param cwd where the process was started: relative paths are meant from there
 * @throws {ConfigurationError} naming every variable (and flag) at fault, what was given and what was expected
 */
export function loadSettings(flags: Flags, env: Environment, cwd: string): Settings {
  const faults: string[] = [];
  const given = givenOf(flags, env, cwd, faults);
  faults.push(...incompletePairs(given), ...modelFaults(given));
  const parsed = schema.safeParse(given);
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = path[0] as Variable;
    faults.push(`${named(name)} is ${shown(name, given[name] ?? '')}: ${message}`);
  }
  if (!parsed.success || faults.length > 0) throw new ConfigurationError(faults);
  const startedIn = startDirectory(env, cwd);
  const paths = flags.repo ?? env['REPOSITORIES']?.split(':').filter(Boolean) ?? [];
  return {
    ...settingsOf(parsed.data),
    dataDirectory: resolve(cwd, parsed.data.DATA_DIR),
    backups: backupSettings(parsed.data, cwd),
    repositories: [...new Set((paths.length > 0 ? paths : ['.']).map((path) => resolve(startedIn, path)))],
    production: env['NODE_ENV'] === 'production',
  };
}

function settingsOf(
  read: z.infer<typeof schema>,
): Omit<Settings, 'dataDirectory' | 'repositories' | 'production' | 'backups'> {
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret } = read;
  const oAuthApp = clientId !== null && clientSecret !== null ? { clientId, clientSecret } : null;
  return {
    port: read.PORT,
    host: read.HOST,
    timeZone: read.TIME_ZONE,
    eventStoreUrl: read.EVENTSTORE_URL,
    logLevel: read.LOG_LEVEL,
    publicUrl: read.PUBLIC_URL,
    github: oAuthApp && { ...oAuthApp, webUrl: read.GITHUB_WEB_URL, apiUrl: read.GITHUB_API_URL },
    apiAuthToken: read.API_AUTH_TOKEN,
    sessionSecrets: [read.SESSION_SECRET, read.SESSION_SECRET_PREVIOUS].filter((one) => one !== null),
    masterKeys: [read.MASTER_KEY, read.MASTER_KEY_PREVIOUS].filter((one) => one !== null),
    owners: read.OWNERS,
    trustedProxies: read.TRUSTED_PROXIES,
    rateLimit: read.RATE_LIMIT,
    docs: read.DOCS,
    webhookSecret: read.GITHUB_WEBHOOK_SECRET,
    gitHubApiUrl: read.GITHUB_API_URL,
    gitHubToken: read.GITHUB_TOKEN,
    messages: messageSettings(read),
  };
}

type Given = Partial<Record<Variable, string>>;

/** What was set at all, as it was set. */
function givenOf(flags: Flags, env: Environment, cwd: string, faults: string[]): Given {
  const valueOf = (name: Variable) => (SECRETS.has(name) ? secretOf(name, env, cwd, faults) : env[name]);
  const given = VARIABLES.map((name) => [name, flagged(flags, name) ?? valueOf(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''));
}

const flagged = (flags: Flags, name: Variable): string | undefined => {
  const flag = FLAG_OF[name];
  return flag && flags[flag.key];
};

const trimmed = (text: string): string => text.trim();
const withoutAt = (login: string): string => login.replace(/^@/, '');

/** The secret itself, or what is in the file named for it. An empty file is a fault: a secret was meant to be there. */
function secretOf(name: Variable, env: Environment, cwd: string, faults: string[]): string | undefined {
  const variable = `${name}_FILE`;
  const value = env[name]?.trim();
  const file = env[variable];
  if (!file) return value;
  if (value) {
    faults.push(`${name} and ${variable} are both set: keep one of them.`);
    return value;
  }
  try {
    const text = readFileSync(resolve(cwd, file), 'utf8').trim();
    if (text === '') faults.push(`${variable} is ${JSON.stringify(file)}: the file is empty`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    faults.push(`${variable} is ${JSON.stringify(file)}: the file cannot be read (${code})`);
    return undefined;
  }
}

/** The first of each pair says nothing without the second. */
const PAIRS: readonly (readonly [Variable, Variable, string])[] = [
  ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET', 'set both, or neither'],
  ['GITHUB_CLIENT_SECRET', 'GITHUB_CLIENT_ID', 'set both, or neither'],
  ['SESSION_SECRET_PREVIOUS', 'SESSION_SECRET', 'what was before needs what is now'],
  ['MASTER_KEY_PREVIOUS', 'MASTER_KEY', 'what was before needs what is now'],
  ...MESSAGE_PAIRS,
];

const incompletePairs = (given: Given): string[] =>
  PAIRS.filter(([one, other]) => given[one] !== undefined && given[other] === undefined).map(
    ([one, other, advice]) => `${other} is not set, but ${one} is: ${advice}.`,
  );

const named = (name: Variable): string => (FLAG_OF[name] ? `${name} (${FLAG_OF[name].shown})` : name);

/** A value as a fault may quote it. An address that cannot be read may still have a password in front of its `@`. */
const shown = (name: Variable, value: string): string =>
  SECRETS.has(name) ? `set to ${value.length} characters` : JSON.stringify(value.replace(/^.*@/s, '***@'));

/** npm runs scripts in the package's folder; the person may stand in another repository (`npm --prefix … start`). */
function startDirectory(env: Environment, cwd: string): string {
  const byNpm = env['npm_lifecycle_event'] === 'start' || env['npm_lifecycle_event'] === 'almanac';
  const inPackage = env['npm_package_json'] === resolve(cwd, 'package.json');
  return byNpm && inPackage ? (env['INIT_CWD'] ?? cwd) : cwd;
}
