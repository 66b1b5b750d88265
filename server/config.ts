import { resolve } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '../domain/calendar.ts';

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

const port = z.coerce.number({ error: 'expected a port number, 0 to 65535' }).int().min(0).max(65_535);
const schema = z.object({
  PORT: port.default(3000),
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
});

const FLAG_OF: Record<keyof z.infer<typeof schema>, string> = {
  PORT: '--port',
  HOST: '--host',
  DATA_DIR: '--data-dir',
  TIME_ZONE: '--time-zone',
  EVENTSTORE_URL: '--event-store-url',
  LOG_LEVEL: '--log-level',
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from flags and environment; empty variables count as not set.
 * @param cwd where the process was started: relative paths are meant from there
 * @throws {ConfigurationError} naming every variable (and flag) at fault, what was given and what was expected
 */
export function loadSettings(flags: Flags, env: Environment, cwd: string): Settings {
  const given = {
    PORT: flags.port ?? env['PORT'],
    HOST: flags.host ?? env['HOST'],
    DATA_DIR: flags.dataDir ?? env['DATA_DIR'],
    TIME_ZONE: flags.timeZone ?? env['TIME_ZONE'],
    EVENTSTORE_URL: flags.eventStoreUrl ?? env['EVENTSTORE_URL'],
    LOG_LEVEL: flags.logLevel ?? env['LOG_LEVEL'],
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success)
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]) as keyof typeof FLAG_OF;
        return `${name} (${FLAG_OF[name]}) is ${JSON.stringify(given[name])}: ${issue.message}`;
      }),
    );
  const settings = parsed.data;
  const startedIn = startDirectory(env, cwd);
  const named = flags.repo ?? env['REPOSITORIES']?.split(':').filter(Boolean) ?? [];
  const paths = named.length > 0 ? named : ['.'];
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDirectory: resolve(cwd, settings.DATA_DIR),
    timeZone: settings.TIME_ZONE,
    eventStoreUrl: settings.EVENTSTORE_URL,
    repositories: [...new Set(paths.map((path) => resolve(startedIn, path)))],
    logLevel: settings.LOG_LEVEL,
  };
}

/** npm runs scripts in the package's folder; the person may stand in another repository (`npm --prefix … start`). */
function startDirectory(env: Environment, cwd: string): string {
  const byNpm = env['npm_lifecycle_event'] === 'start' || env['npm_lifecycle_event'] === 'almanac';
  const inPackage = env['npm_package_json'] === resolve(cwd, 'package.json');
  return byNpm && inPackage ? (env['INIT_CWD'] ?? cwd) : cwd;
}
