/** What a key may be used for, and how long: as the form offers it, and as the API takes it. */
export const keyScopes = ['read', 'log:write', 'admin'] as const;
export type KeyScope = (typeof keyScopes)[number];
export const expiries = ['30', '90', '365', 'never'] as const;

export const isKeyScope = (text: unknown): text is KeyScope => keyScopes.some((scope) => scope === text);

/** Days until a key expires; null: never; undefined: not what the form offers. */
export function expiryDays(text: string): number | null | undefined {
  const chosen = expiries.find((expiry) => expiry === text);
  if (chosen === undefined) return undefined;
  return chosen === 'never' ? null : Number(chosen);
}

/** What somebody may give a key: nobody gives what they may not do themselves. */
export const scopesFor = (role: string | null): readonly KeyScope[] =>
  keyScopes.filter((scope) => scope !== 'admin' || role === 'admin' || role === 'owner');
