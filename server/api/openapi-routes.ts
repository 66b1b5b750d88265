import { parameter, responses, type Json } from './openapi-parts.ts';

/** What the OpenAPI document says of the routes that are no procedures. */
export const LOGIN: Json = {
  operationId: 'authLogin',
  summary: 'Sign in with GitHub',
  description: 'Sends a browser to GitHub (authorization code with state and PKCE). 10 a minute and address.',
  tags: ['auth'],
  parameters: [
    parameter('next', 'query', 'Where to go afterwards: a path of this server.'),
    parameter('connect', 'query', '`repositories` asks for private repositories, too, of the account signed in.'),
  ],
  responses: responses({ 302: { description: 'To GitHub' } }, 404, 429),
};

export const CALLBACK: Json = {
  operationId: 'authCallback',
  summary: 'Back from GitHub',
  description: 'Begins a session. With `Accept: application/json` its tokens are the answer, otherwise cookies.',
  tags: ['auth'],
  parameters: [
    parameter('code', 'query', "GitHub's code, good once."),
    parameter('state', 'query', 'What the sign-in was begun with.', true),
  ],
  responses: responses(
    {
      200: {
        description: 'Tokens',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Tokens' } } },
      },
      302: { description: 'To where the sign-in was to lead, or to what went wrong' },
    },
    400,
    403,
    409,
    429,
    503,
  ),
};

export const EXPORT: Json = {
  operationId: 'usersExport',
  summary: "Everything of one's own",
  description:
    'Every event about a member, opened, as one JSON document. `me` is whoever asks; no key may. 5 a minute.',
  tags: ['users'],
  parameters: [parameter('id', 'path', 'A member, or `me`.', true)],
  responses: responses(
    { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'object' } } } } },
    401,
    403,
    404,
    429,
  ),
};

export const WEBHOOK: Json = {
  operationId: 'webhooksGitHub',
  summary: "GitHub's webhook",
  description: 'Takes a delivery signed with GITHUB_WEBHOOK_SECRET, each once.',
  tags: ['service'],
  parameters: [parameter('X-Hub-Signature-256', 'header', '`sha256=…` of the body.', true)],
  requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
  responses: responses(
    { 200: { description: 'A ping, or received before' }, 202: { description: 'Accepted, or nothing to do' } },
    401,
    404,
    413,
    429,
  ),
};

export const METRICS: Json = {
  operationId: 'metrics',
  summary: 'Metrics',
  description: 'How the server does, in the text format of Prometheus. For admins: send a key with `admin` as Bearer.',
  tags: ['service'],
  responses: responses(
    { 200: { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } } },
    401,
    403,
  ),
};
