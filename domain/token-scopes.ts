/** What a scope includes: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps#available-scopes */
const INCLUDED: ReadonlyMap<string, readonly string[]> = new Map([
  ['repo', ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events']],
  ['user', ['read:user', 'user:email', 'user:follow']],
]);

/** Whether what was granted allows all that is wanted. GitHub leaves out of what it grants what another scope includes. */
export function covers(granted: readonly string[], wanted: readonly string[]): boolean {
  const allowed = new Set(granted.flatMap((scope) => [scope, ...(INCLUDED.get(scope) ?? [])]));
  return wanted.every((scope) => allowed.has(scope));
}
