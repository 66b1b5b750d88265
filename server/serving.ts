import { ConfigurationError, type Settings } from './config.ts';
import { isLoopback } from './request-guard.ts';

/**
 * Whether nobody but the person at this machine reaches the server, so that whoever does is its owner. A proxy or a public address
 * means that others do, whatever the server is bound to; and in production there may be a proxy that nobody has told us of.
 */
export const isLocal = (settings: Settings): boolean =>
  settings.github === null && !settings.production && !isReachedByOthers(settings);

function isReachedByOthers({ host, trustedProxies, publicUrl }: Settings): boolean {
  return !isLoopback(host) || trustedProxies > 0 || (publicUrl !== null && !isLoopback(new URL(publicUrl).hostname));
}

/**
 * What a server must have and a command of the command line need not.
 * @throws {ConfigurationError} naming every variable that is missing or too weak, and what to set; never a secret itself
 */
export function checkServing(settings: Settings): void {
  const faults = [...exposureFaults(settings), ...(settings.production ? secretFaults(settings) : [])];
  if (faults.length > 0) throw new ConfigurationError(faults);
}

function exposureFaults(settings: Settings): string[] {
  const { github, apiAuthToken, publicUrl } = settings;
  if (!isReachedByOthers(settings)) return [];
  if (github === null && apiAuthToken === null)
    return [
      `${reasonOfReach(settings)}, so others reach this server, and nobody would have to sign in: ` +
        'set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or API_AUTH_TOKEN, or serve this machine alone (HOST=127.0.0.1).',
    ];
  if (github !== null && publicUrl === null)
    return [
      'PUBLIC_URL is not set, and GitHub would not know where to send people back to who sign in: ' +
        'set it to the origin they reach this server by, such as https://almanac.example.org.',
    ];
  return [];
}

function reasonOfReach({ host, trustedProxies, publicUrl }: Settings): string {
  if (!isLoopback(host)) return `HOST (--host) is ${JSON.stringify(host)}`;
  if (trustedProxies > 0) return `TRUSTED_PROXIES is ${trustedProxies}`;
  return `PUBLIC_URL is ${JSON.stringify(publicUrl)}`;
}

/** Fewer characters than these can be guessed: 32 are 128 bits even as hexadecimal digits. */
const LEAST = 32;
const LEAST_OF_TOKEN = 16;

type Secret = { name: string; value: string | null | undefined; least: number; demanded?: boolean };

const secretsOf = ({ apiAuthToken, sessionSecrets, masterKeys, github, webhookSecret }: Settings): Secret[] => [
  { name: 'API_AUTH_TOKEN', value: apiAuthToken, least: LEAST_OF_TOKEN, demanded: true },
  { name: 'SESSION_SECRET', value: sessionSecrets[0], least: LEAST, demanded: true },
  { name: 'SESSION_SECRET_PREVIOUS', value: sessionSecrets[1], least: LEAST },
  { name: 'MASTER_KEY', value: masterKeys[0], least: LEAST, demanded: true },
  { name: 'MASTER_KEY_PREVIOUS', value: masterKeys[1], least: LEAST },
  { name: 'GITHUB_WEBHOOK_SECRET', value: webhookSecret, least: LEAST },
  // GitHub chose its length.
  { name: 'GITHUB_CLIENT_SECRET', value: github?.clientSecret, least: 1 },
];

/** Values of examples and of people in a hurry: everybody knows them. */
const PLACEHOLDER = /change[-_ ]?me|replace[-_ ]?me|placeholder|^(your|example|dummy)[-_ ]|^(.)\2*$/i;
const GENERATE = 'generate one with "openssl rand -base64 32"';

const secretFaults = (settings: Settings): string[] =>
  secretsOf(settings).flatMap(({ name, value, least, demanded }) => {
    if (!value) return demanded ? [`${name} is not set, and production needs it: ${GENERATE}.`] : [];
    const how = name === 'GITHUB_CLIENT_SECRET' ? 'copy it from your OAuth app at GitHub' : GENERATE;
    if (PLACEHOLDER.test(value)) return [`${name} is a placeholder, which everybody knows: ${how}.`];
    if (value.length >= least) return [];
    return [`${name} is set to ${value.length} characters: at least ${least} are needed in production, ${GENERATE}.`];
  });
