/** Requests an hour, as GitHub counts them: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const AN_HOUR_S = 3_600;
const SIGNED_IN = 5_000;
const NOBODY = 60;

export type Quota = { readonly limit: number; used: number; readonly resetAt: number };

/** One budget an account; all who show no token share one. */
export function createQuotas(now: () => number) {
  const quotas = new Map<number | null, Quota>();
  const seconds = () => Math.floor(now() / 1000);
  const of = (accountId: number | null): Quota => {
    const current = quotas.get(accountId);
    if (current && current.resetAt > seconds()) return current;
    const fresh = { limit: accountId === null ? NOBODY : SIGNED_IN, used: 0, resetAt: seconds() + AN_HOUR_S };
    quotas.set(accountId, fresh);
    return fresh;
  };
  return {
    of,
    headers({ limit, used, resetAt }: Quota): Record<string, string> {
      return {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(limit - used),
        'X-RateLimit-Used': String(used),
        'X-RateLimit-Reset': String(resetAt),
        'X-RateLimit-Resource': 'core',
      };
    },
    /** Leaves an account so many requests until its hour is over. */
    leave(accountId: number, remaining: number): void {
      const quota = of(accountId);
      quota.used = quota.limit - remaining;
    },
  };
}

export type Quotas = ReturnType<typeof createQuotas>;
