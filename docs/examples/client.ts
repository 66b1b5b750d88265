/**
 * A typed client of a running Almanac: `node docs/examples/client.ts [http://localhost:3000]`.
 * The types come from the server's router; nothing of the server is in the client.
 */
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import type { AppRouter } from '../../server/api/router.ts';

const almanac = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: `${process.argv[2] ?? 'http://localhost:3000'}/trpc` })],
});

const book = await almanac.attendance.book.query({});
if (book) {
  const { challenge, members, totals } = book;
  process.stdout.write(`${challenge.title}, day ${challenge.elapsed} of ${challenge.days}: ${totals.rate ?? '–'} %\n`);
  for (const { rank, name, rate, currentStreak } of members.slice(0, 10))
    process.stdout.write(`${rank}. ${name}: ${rate ?? '–'} %, ${currentStreak?.days ?? 0} days in a row\n`);
} else {
  const { state } = await almanac.status.get.query();
  process.stdout.write(`There is no book yet: ${state}\n`);
}
