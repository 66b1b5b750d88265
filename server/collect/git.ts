import { devNull } from 'node:os';
import { simpleGit } from 'simple-git';

/** Git ended otherwise than well. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  readonly kind: 'failed' | 'timeout' | 'not-installed';
  /** What git said, in English. */
  readonly stderr: string;
  constructor(kind: GitFailed['kind'], args: readonly string[], stderr: string) {
    super(`git ${args[0] ?? ''} ${kind === 'timeout' ? 'gave no answer' : 'failed'}: ${stderr.trim() || 'no message'}`);
    this.kind = kind;
    this.stderr = stderr;
  }
}

export type GitOptions = {
  /** Stops running commands. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte from git after which it is stopped. */
  readonly patience?: number;
  /** Program to run; a name on the PATH or an absolute path of letters, digits, `-`, `_`, `.`. */
  readonly binary?: string;
  /** More `-c` settings. */
  readonly settings?: readonly string[];
};

export type GitOutput = { readonly stdout: Buffer; readonly stderr: string };

/** Runs git in one directory. Arguments are ours alone: everything that comes from a repository goes in by stdin. */
export interface Git {
  /** @throws {GitFailed} */
  run(args: readonly string[], feed?: GitFeed): Promise<GitOutput>;
}

export type GitFeed = {
  readonly input?: string;
  /** Gets stdout piece by piece; the output then holds none. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** More `-c` settings, for this command. */
  readonly settings?: readonly string[];
};

const PATIENCE = 120_000;
/** As much of git's complaints as is kept: a broken repository has one for each object. */
const COMPLAINTS = 20_000;

/**
 * A repository's own configuration can name programs to run and files to read; whoever hands over a repository must not get
 * anything run by it being looked at. None of the commands used here needs any of these (git-config(1)).
 */
const HARMLESS = [
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'core.pager=cat',
  'core.askPass=',
  'core.sshCommand=false',
  'core.alternateRefsCommand=',
  'core.attributesFile=',
  'credential.helper=',
  'diff.external=',
  'gpg.program=false',
  'log.showSignature=false',
  'protocol.allow=never',
  'gc.auto=0',
  'advice.graftFileDeprecated=false',
  // History as it was written: no replacements, and no cache of it that may be wrong.
  'core.useReplaceRefs=false',
  'core.commitGraph=false',
];
const CONSTANTS_ARE_SAFE = {
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeProtocolOverride: true,
};

/** Nothing of the person's own settings, no questions asked, no network even where a partial clone would fetch. */
const ENVIRONMENT = {
  HOME: devNull,
  LC_ALL: 'C',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_GRAFT_FILE: devNull,
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
};

const inherited = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/**
 * Directories of other owners that this person has told git to trust (`safe.directory`): the one setting of theirs that counts
 * here, since git refuses such repositories otherwise.
 * @returns settings for `GitOptions`
 */
export async function trustedDirectories(options: GitOptions = {}): Promise<string[]> {
  const trusted: string[] = [];
  for (const scope of ['--system', '--global']) {
    try {
      const own = { ...inherited('HOME', 'XDG_CONFIG_HOME'), GIT_CONFIG_NOSYSTEM: '0' };
      const { stdout } = await gitIn('/', options, own).run([
        'config',
        scope,
        '--includes',
        '-z',
        '--get-all',
        'safe.directory',
      ]);
      trusted.push(...stdout.toString().split('\0').slice(0, -1));
    } catch (error) {
      // No such file or no such setting; a git that cannot run at all is found out with the first repository.
      if (!(error instanceof GitFailed)) throw error;
    }
  }
  return trusted.map((directory) => `safe.directory=${directory}`);
}

/** @throws GitConstructError (of simple-git) when the directory does not exist */
export function gitIn(directory: string, options: GitOptions = {}, environment: Record<string, string> = {}): Git {
  const env: Record<string, string> = { ...inherited('PATH', 'SYSTEMROOT'), ...ENVIRONMENT, ...environment };
  return {
    async run(args, { input = '', onOutput, settings = [] } = {}) {
      const chunks: Buffer[] = [];
      let stderr = '';
      let exitCode = 0;
      const git = simpleGit({
        baseDir: directory,
        binary: options.binary ?? 'git',
        config: [...HARMLESS, ...(options.settings ?? []), ...settings],
        unsafe: CONSTANTS_ARE_SAFE,
        allowEnvironment: Object.keys(env),
        // The end of the output, not the end of the process: what is still in the pipe counts.
        completion: { onClose: true, onExit: false },
        timeout: { block: options.patience ?? PATIENCE },
        errors: (error, result) => {
          ({ exitCode } = result);
          return error;
        },
        // A buffer even where it is empty: stdin is only closed where there is something to write.
        input: () => Buffer.from(input),
        ...(options.signal && { abort: options.signal }),
      });
      git.env(env).outputHandler((_command, stdout, complaints) => {
        // simple-git keeps a second copy of everything, and decodes it: a history is neither small nor always UTF-8.
        stdout.removeAllListeners('data');
        stdout.on('data', onOutput ?? ((chunk: Buffer) => chunks.push(chunk)));
        complaints.on('data', (chunk: Buffer) => {
          if (stderr.length < COMPLAINTS) stderr += chunk.toString();
        });
      });
      try {
        await git.raw([...args]);
      } catch (error) {
        throw failureOf(error, args, stderr);
      }
      if (exitCode !== 0) throw new GitFailed('failed', args, stderr || `exit code ${exitCode}`);
      return { stdout: Buffer.concat(chunks), stderr };
    },
  };
}

function failureOf(thrown: unknown, args: readonly string[], stderr: string): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const plugin = 'plugin' in error ? error.plugin : undefined;
  if (plugin === 'abort') return new DOMException('Reading was stopped.', 'AbortError');
  if (plugin === 'timeout') return new GitFailed('timeout', args, stderr);
  if (plugin !== undefined) return error;
  if (/spawn .*ENOENT/.test(error.message)) return new GitFailed('not-installed', args, error.message);
  return new GitFailed('failed', args, stderr || error.message);
}
