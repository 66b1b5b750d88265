import { hkdfSync } from 'node:crypto';
import { z } from 'zod';

/** How long somebody may take at GitHub. */
export const SIGN_IN_SECONDS = 600;
const TYPE = 'sign-in+jwt';
const MOST_USED = 10_000;

const ticketSchema = z.object({
  /** What GitHub has to bring back (RFC 6749, 10.12). */
  state: z.string().min(32),
  /** PKCE's (RFC 7636): only who began can end it. */
  verifier: z.string().min(43),
  /** Where to go afterwards, a path of ours. */
  next: z.string(),
  purpose: z.enum(['identity', 'repositories']),
  /** Who asks for more than their identity: nobody else's account may come back. */
  memberId: z.string().nullable(),
});
export type SignInTicket = z.infer<typeof ticketSchema>;

/**
 * What a browser carries while somebody signs in at GitHub: encrypted, so that it keeps the verifier to itself, and good once.
 * That it was used is remembered by this process; GitHub takes each code but once, too.
 */
export class SignInTickets {
  readonly #key: Uint8Array;
  readonly #now: () => number;
  /** State → when it ends, milliseconds since the epoch. */
  readonly #used = new Map<string, number>();

  constructor(secret: string, now: () => number) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'almanac sign-in tickets', 32));
    this.#now = now;
  }

  async seal(ticket: SignInTicket): Promise<string> {
    const { EncryptJWT } = await import('jose');
    const at = Math.floor(this.#now() / 1000);
    return new EncryptJWT(ticket)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE })
      .setIssuedAt(at)
      .setExpirationTime(at + SIGN_IN_SECONDS)
      .encrypt(this.#key);
  }

  /** The ticket, once; null for none, an old, a used or a foreign one, or where the state is another. */
  async take(sealed: string | undefined, state: string | undefined): Promise<SignInTicket | null> {
    if (sealed === undefined || state === undefined) return null;
    const ticket = await this.#open(sealed);
    if (!ticket || ticket.state !== state || this.#used.has(state)) return null;
    this.#forgetEnded();
    this.#used.set(state, this.#now() + SIGN_IN_SECONDS * 1000);
    return ticket;
  }

  async #open(sealed: string): Promise<SignInTicket | null> {
    const { errors, jwtDecrypt } = await import('jose');
    try {
      const { payload } = await jwtDecrypt(sealed, this.#key, {
        typ: TYPE,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
        currentDate: new Date(this.#now()),
      });
      return ticketSchema.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
      throw error;
    }
  }

  #forgetEnded(): void {
    for (const [state, ends] of this.#used) {
      if (ends > this.#now() && this.#used.size < MOST_USED) return;
      this.#used.delete(state);
    }
  }
}
