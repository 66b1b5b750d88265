/** Which scopes others include: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  repo: ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events'],
  user: ['read:user', 'user:email', 'user:follow'],
  'admin:org': ['write:org', 'read:org'],
  'write:org': ['read:org'],
};

/** Scopes as a request names them, parted by spaces (commas are taken too). */
export const scopesIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** What a token keeps of the scopes it was asked for: each once, none that another one includes. */
export const normalised = (scopes: readonly string[]): string[] =>
  [...new Set(scopes)].filter((scope) => !scopes.some((other) => INCLUDED[other]?.includes(scope))).sort();

export const allows = (scopes: readonly string[], wanted: string): boolean =>
  scopes.some((scope) => scope === wanted || INCLUDED[scope]?.includes(wanted));
