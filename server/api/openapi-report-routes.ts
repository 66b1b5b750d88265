import { parameter, responses, type Json } from './openapi-parts.ts';

/** What the OpenAPI document says of reports, cards and badges. */
const MEMBER = parameter('github_id', 'path', "The member's handle.", true);
const TOKEN = parameter('token', 'path', 'What the member published their profile under.', true);
const LANGUAGE = parameter('language', 'query', '`ko` or `en`; without it that of `Accept-Language`.');
const SEASON = [
  parameter('challenge', 'query', 'A challenge; without it the one this server shows.'),
  parameter('start_date', 'query', 'First day, YYYY-MM-DD.'),
  parameter('end_date', 'query', 'Last day, YYYY-MM-DD.'),
  LANGUAGE,
];
const file = (type: string): Json => ({
  200: { description: 'OK', content: { [type]: { schema: { type: 'string', format: 'binary' } } } },
});
const CSV =
  'Comma-separated (RFC 4180), UTF-8 with a byte order mark; a text that a spreadsheet would compute is written behind a quote.';

export const REPORT_PDF: Json = {
  operationId: 'attendanceReportPdf',
  summary: "A member's report",
  description:
    'Figures, calendar, goals, badges and every day of a season, as a tagged PDF. Of commits it says only when. 20 a minute.',
  tags: ['attendance'],
  parameters: [MEMBER, ...SEASON],
  responses: responses(file('application/pdf'), 400, 401, 403, 404, 429),
};

export const REPORT_CSV: Json = {
  operationId: 'attendanceReportCsv',
  summary: "A member's days",
  description: CSV,
  tags: ['attendance'],
  parameters: [MEMBER, ...SEASON],
  responses: responses(file('text/csv'), 400, 401, 403, 404, 429),
};

export const BOOK_CSV: Json = {
  operationId: 'attendanceBookCsv',
  summary: 'The whole book',
  description: `A row a member, a column a day. ${CSV}`,
  tags: ['attendance'],
  parameters: SEASON,
  responses: responses(file('text/csv'), 400, 401, 403, 404, 429),
};

const PICTURE = { 200: { description: 'OK', content: { 'image/svg+xml': {}, 'image/png': {} } } };
/** Two addresses, one description each: `operationId` must differ. */
const card = (operationId: string): Json => ({
  operationId,
  summary: "A member's card",
  description: 'What a member would share, as a picture of 1200 × 630, for members.',
  tags: ['attendance'],
  parameters: [MEMBER, ...SEASON],
  responses: responses(PICTURE, 400, 401, 403, 404, 429),
});
export const CARD_SVG: Json = card('attendanceCardSvg');
export const CARD_PNG: Json = card('attendanceCardPng');

const shared = (operationId: string, summary: string): Json => ({
  operationId,
  summary,
  description: 'What a member has published, for everybody; it is gone as soon as they take it back.',
  tags: ['sharing'],
  parameters: [TOKEN, LANGUAGE],
  responses: responses(PICTURE, 404, 429),
});
export const SHARED_SVG: Json = shared('shareCardSvg', 'A shared card');
export const SHARED_PNG: Json = shared('shareCardPng', 'A shared card');
export const SHARED_BADGE: Json = shared('shareBadge', 'A shared badge');
