type Identity = { kind: string; value: string; proven?: boolean };

/** GitHub's number of an account tells a person nothing. */
export const shownIdentities = (identities: readonly Identity[]): Identity[] =>
  identities.filter(({ kind }) => kind !== 'github-id');

/** Whether GitHub vouches for it; null where the API does not say. Whoever has an account here has signed in with GitHub's. */
export function isProven({ kind, proven }: Identity): boolean | null {
  if (proven !== undefined) return proven;
  return kind === 'email' ? null : kind === 'github';
}
