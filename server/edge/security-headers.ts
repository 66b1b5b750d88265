import type { ServerResponse } from 'node:http';

export type SecurityFacts = {
  /** Of the request, without its query. */
  readonly path: string;
  /** Answers of the API; pages of the dashboard and of the documentation bring a content policy of their own. */
  readonly isApi: boolean;
  /** People reach this server by https (PUBLIC_URL says so). */
  readonly https: boolean;
};

const YEAR_SECONDS = 365 * 24 * 60 * 60;

const ALWAYS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Nothing here asks for any of it; a script that got in could not either.
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), ' +
    'midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()',
};

/** GitHub sends people back to here with the code that signs them in, which is to travel no further. */
const CALLBACK = '/api/auth/callback';

/**
 * Tells browsers what nobody is to do with an answer. To be set before the answer is made, which may say more of itself (a page which
 * scripts it has).
 * @see https://owasp.org/www-project-secure-headers/
 */
export function secure(response: ServerResponse, { path, isApi, https }: SecurityFacts): void {
  for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value);
  response.setHeader('Referrer-Policy', path === CALLBACK ? 'no-referrer' : 'strict-origin-when-cross-origin');
  response.setHeader('Content-Security-Policy', `${isApi ? "default-src 'none'; " : ''}frame-ancestors 'none'`);
  if (https) response.setHeader('Strict-Transport-Security', `max-age=${YEAR_SECONDS}; includeSubDomains`);
  if (isApi) response.setHeader('Cache-Control', 'no-store');
}
