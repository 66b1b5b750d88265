import { describe, expect, test } from 'vitest';
import { SignInTickets, type SignInTicket } from '../../server/identity/sign-in-tickets.ts';

const ticket: SignInTicket = {
  state: 's'.repeat(43),
  verifier: 'v'.repeat(43),
  next: '/account',
  purpose: 'identity',
  memberId: null,
};
let now = Date.UTC(2025, 2, 10);
const ticketsOf = (secret: string) => new SignInTickets(secret, () => now);

describe('a sign-in under way', () => {
  test('comes back with its ticket', async () => {
    const tickets = ticketsOf('one');
    expect(await tickets.take(await tickets.seal(ticket), ticket.state)).toEqual(ticket);
  });

  test('state reused', async () => {
    const tickets = ticketsOf('one');
    const sealed = await tickets.seal(ticket);
    await tickets.take(sealed, ticket.state);
    expect(await tickets.take(sealed, ticket.state)).toBeNull();
    expect(await tickets.take(await tickets.seal(ticket), ticket.state), 'in another ticket').toBeNull();
  });

  test('state missing or another, ticket missing', async () => {
    const tickets = ticketsOf('one');
    const sealed = await tickets.seal(ticket);
    expect(await tickets.take(sealed, undefined)).toBeNull();
    expect(await tickets.take(sealed, 'x'.repeat(43))).toBeNull();
    expect(await tickets.take(undefined, ticket.state)).toBeNull();
    expect(await tickets.take('', ticket.state)).toBeNull();
    expect(await tickets.take('a.b.c.d.e', ticket.state)).toBeNull();
    expect(await tickets.take(sealed, ticket.state), 'and none of that has used it up').toEqual(ticket);
  });

  test('ends after ten minutes', async () => {
    const tickets = ticketsOf('one');
    const sealed = await tickets.seal(ticket);
    now += 601_000;
    expect(await tickets.take(sealed, ticket.state)).toBeNull();
  });

  test('of another server, or changed, is none', async () => {
    const sealed = await ticketsOf('one').seal(ticket);
    expect(await ticketsOf('two').take(sealed, ticket.state)).toBeNull();
    const changed = sealed.slice(0, -3) + (sealed.endsWith('AAA') ? 'BBB' : 'AAA');
    expect(await ticketsOf('one').take(changed, ticket.state)).toBeNull();
  });

  test('tells the browser neither state nor verifier', async () => {
    const sealed = await ticketsOf('one').seal(ticket);
    const shown = sealed
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();
    for (const secret of [ticket.verifier, ticket.state]) expect(shown).not.toContain(secret);
  });
});
