import { TRPCError } from '@trpc/server';
import type { Context } from 'hono';
import { z } from 'zod';
import { dayOf } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import type { Member } from '../../projections/members.ts';
import { requireChallenge, type Range } from '../api/book.ts';
import type { ApiEnv } from '../api/api.ts';
import { fieldError } from '../api/errors.ts';
import { goalViews } from '../api/goals.ts';
import type { HttpRoute } from '../api/http-route.ts';
import { challengeId, day, handle, orderedRange, requireMember } from '../api/input.ts';
import { factsOf } from '../api/member-facts.ts';
import {
  BOOK_CSV,
  CARD_PNG,
  CARD_SVG,
  REPORT_CSV,
  REPORT_PDF,
  SHARED_BADGE,
  SHARED_PNG,
  SHARED_SVG,
} from '../api/openapi-report-routes.ts';
import { sharedAt, sharedView } from '../api/profiles.ts';
import { errorResponse } from '../api/rest.ts';
import type { Services } from '../api/services.ts';
import type { SharedView } from '../api/community-views.ts';
import { shareBadge } from './badge.ts';
import { shareCard } from './card.ts';
import { toCsv } from './csv.ts';
import { bookRows, memberRows, seasonDays } from './gather.ts';
import { toPdf } from './pdf.ts';
import { toPng } from './png.ts';
import { reportData } from './report-data.ts';
import { reportLanguages, type ReportLanguage } from './words.ts';

/** What the addresses of reports ask for; anything else in them is a mistake. */
const query = z.strictObject({
  challenge: challengeId.optional(),
  start_date: day.optional(),
  end_date: day.optional(),
  language: z.enum(reportLanguages).optional(),
});

type Asked = { challenge: ChallengeSummary; range: Range; language: ReportLanguage };
type Handle = HttpRoute['handle'];

/** Reports, cards and badges: files, which no procedure answers with. */
export function reportRoutes(services: Services): HttpRoute[] {
  const read = (path: string, operation: HttpRoute['operation'], handle: Handle): HttpRoute => ({
    ...{ method: 'GET', path, permission: 'read', operation, handle: told(handle) },
  });
  const open = (path: string, operation: HttpRoute['operation'], draw: Draw): HttpRoute => ({
    ...{ method: 'GET', path, permission: 'anyone', operation, handle: told(sharedFile(services, draw)) },
  });
  return [
    read('/api/attendance/report/{github_id}.pdf', REPORT_PDF, (asked) => pdfReport(services, asked)),
    read('/api/attendance/report/{github_id}.csv', REPORT_CSV, (asked) => {
      const [member, { challenge, range, language }] = [memberAsked(services, asked), askedOf(services, asked)];
      const rows = memberRows(seasonDays(services, challenge, member, range), language);
      return file(toCsv(rows), 'text/csv; charset=utf-8', `${member.handle}.csv`);
    }),
    read('/api/attendance/book.csv', BOOK_CSV, (asked) => {
      const { challenge, ...wish } = askedOf(services, asked);
      return file(toCsv(bookRows(services, challenge, wish)), 'text/csv; charset=utf-8', 'book.csv');
    }),
    read('/api/attendance/card/{github_id}.svg', CARD_SVG, (asked) => svg(cardOf(services, asked))),
    read('/api/attendance/card/{github_id}.png', CARD_PNG, async (asked) => png(await toPng(cardOf(services, asked)))),
    open('/share/{token}/card.svg', SHARED_SVG, (shared, language) => svg(shareCard(shared, language))),
    open('/share/{token}/card.png', SHARED_PNG, async (shared, language) =>
      png(await toPng(shareCard(shared, language))),
    ),
    open('/share/{token}/badge.svg', SHARED_BADGE, (shared, language) => svg(shareBadge(shared, language))),
  ];
}

/** What a procedure would be told as an error, these are, too. */
const told =
  (handle: Handle): Handle =>
  async (asked) => {
    try {
      return await handle(asked);
    } catch (thrown) {
      if (thrown instanceof TRPCError) return errorResponse(thrown);
      throw thrown;
    }
  };

/** @throws BAD_REQUEST, NOT_FOUND */
function askedOf(services: Services, { req }: Context<ApiEnv>): Asked {
  const parsed = query.safeParse(req.query());
  if (!parsed.success) throw new TRPCError({ code: 'BAD_REQUEST', message: parsed.error.message, cause: parsed.error });
  const { challenge: wanted, start_date, end_date } = parsed.data;
  const challenge = requireChallenge(services, wanted);
  const range = orderedRange(start_date, end_date, 'end_date');
  const { start, end } = challenge.bounds;
  if ((range.from ?? start) > end || (range.to ?? end) < start)
    throw fieldError('start_date', `The season is ${start} to ${end}.`, 'NOT_FOUND');
  return { challenge, range, language: languageOf(req, parsed.data.language) };
}

/** The one asked for, else the reader's; Korean where nothing is said. */
function languageOf(req: Context<ApiEnv>['req'], wanted: string | undefined): ReportLanguage {
  const chosen = reportLanguages.find((one) => one === wanted);
  if (chosen) return chosen;
  const accepted = req.header('accept-language')?.trim().toLowerCase() ?? '';
  return accepted === '' || /(^|,\s*)ko\b/.test(accepted) ? 'ko' : 'en';
}

function memberAsked(services: Services, { req }: Context<ApiEnv>): Member {
  const name = handle.safeParse((req.param('github_id') ?? '').replace(/\.\w+$/, ''));
  if (!name.success) throw fieldError('github_id', 'Expected a handle of 1 to 200 characters.');
  return requireMember(services, name.data, 'github_id');
}

async function pdfReport(services: Services, asked: Context<ApiEnv>): Promise<Response> {
  const [member, { challenge, range, language }] = [memberAsked(services, asked), askedOf(services, asked)];
  const today = dayOf(services.now() / 1000, challenge.timeZone);
  const goals = goalViews(services, member.id);
  const data = reportData(seasonDays(services, challenge, member, range), { goals, language, today });
  return file(await toPdf(data), 'application/pdf', `${member.handle}.pdf`);
}

/** A member's card for members: what it would look like in public. @throws NOT_FOUND for who is not in the season */
function cardOf(services: Services, asked: Context<ApiEnv>): string {
  const [member, { challenge, language }] = [memberAsked(services, asked), askedOf(services, asked)];
  const shared = sharedView(member.name, factsOf(services, challenge, member.id));
  if (shared) return shareCard(shared, language);
  throw fieldError('github_id', `${member.handle} is not in this season.`, 'NOT_FOUND');
}

type Draw = (shared: SharedView, language: ReportLanguage) => Response | Promise<Response>;

/** Pictures of what somebody shares: for other sites to embed, and for caches to forget soon, since they may be taken back. */
const sharedFile =
  (services: Services, draw: Draw): Handle =>
  async ({ req }) => {
    const shared = sharedAt(services, req.param('token') ?? '');
    const nothing = new TRPCError({ code: 'NOT_FOUND', message: 'There is nothing here, or not any more.' });
    if (!shared) return errorResponse(nothing, { 'cache-control': 'no-store' });
    const answer = await draw(shared, languageOf(req, req.query('language') ?? 'ko'));
    answer.headers.set('cache-control', 'public, max-age=60');
    answer.headers.set('cross-origin-resource-policy', 'cross-origin');
    return answer;
  };

const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const picture = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
  new Response(body, {
    headers: { 'content-type': type, 'cache-control': 'private, no-cache', 'content-security-policy': PICTURE_POLICY },
  });
const svg = (body: string) => picture(body, 'image/svg+xml; charset=utf-8');
const png = (body: Uint8Array<ArrayBuffer>) => picture(body, 'image/png');

/** To be kept under a name; what is no plain letter in it is told apart (RFC 6266, 4.3). */
function file(body: string | Uint8Array<ArrayBuffer>, type: string, name: string): Response {
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  const disposition = `attachment; filename="almanac-${plain}"; filename*=UTF-8''${encodeURIComponent(`almanac-${name}`)}`;
  return new Response(body, {
    headers: { 'content-type': type, 'cache-control': 'private, no-store', 'content-disposition': disposition },
  });
}
