import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { receive, webhook, webhookStream } from '../../domain/webhook.ts';
import { errorResponse } from '../api/rest.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';
import { signatureIn, verifySignature } from './github-signature.ts';

/** Somebody pushed to a repository at GitHub. */
export type GitHubPush = {
  /** The repository's number at GitHub. */
  readonly githubId: number;
  /** `owner/name` */
  readonly fullName: string;
  /** `refs/heads/main` */
  readonly ref: string;
};

export type GitHubWebhookOptions = {
  /** Null: there is no webhook here. */
  readonly secret: string | null;
  readonly store: EventStore;
  readonly codec: Codec;
  /** Told of each push once, when it is recorded. A nudge: what a push that gets lost would have told is read at the next collection. */
  readonly onPush: (push: GitHubPush) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** GitHub sends up to 25 MiB; a push of what people write by hand is some kilobytes. */
const LARGEST_BODY = 1_048_576;
const NAME = /^[\w-]{1,100}$/;

const pushSchema = z.object({
  ref: z.string().startsWith('refs/'),
  after: z.string().regex(/^[\da-f]{40,64}$/),
  repository: z.object({ id: z.int(), full_name: z.string() }),
});

/** Refuses with this answer of the REST contract. */
const refused = (code: TRPC_ERROR_CODE_KEY, message: string): TRPCError => new TRPCError({ code, message });

/**
 * Answers `POST /webhooks/github`: 202 for a push that is new and for events nobody asked for, 200 for a ping and for what was received
 * before; 401 before anything of the body is understood unless it was signed with the secret; 404 where no secret is set.
 */
export function createGitHubWebhook(options: GitHubWebhookOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await receiveDelivery(request, options);
    } catch (thrown) {
      if (thrown instanceof TRPCError) return errorResponse(thrown);
      throw thrown;
    }
  };
}

async function receiveDelivery(request: Request, options: GitHubWebhookOptions): Promise<Response> {
  const { secret } = options;
  if (secret === null) throw refused('NOT_FOUND', 'No webhook is set up here: GITHUB_WEBHOOK_SECRET is not set.');
  const header = request.headers.get('x-hub-signature-256');
  const signature = signatureIn(header);
  if (signature === null) throw unsigned();
  const body = await bodyOf(request);
  if (!verifySignature(secret, body, header)) throw unsigned();
  const event = nameIn(request, 'x-github-event');
  if (event === 'ping') return answer(200, 'pong');
  if (event !== 'push') return answer(202, 'ignored');
  return receivePush(request, pushIn(request, body), signature, options);
}

async function receivePush(
  request: Request,
  push: GitHubPush,
  signature: string,
  { store, codec, now, onPush }: GitHubWebhookOptions,
): Promise<Response> {
  const message = {
    deliveryId: nameIn(request, 'x-github-delivery'),
    event: 'push',
    githubId: push.githubId,
    at: new Date(now()).toISOString(),
  };
  const { events } = await execute(store, codec, {
    stream: webhookStream(signature),
    aggregate: webhook,
    decide: (state) => receive(message, state),
    // Of two that come at the same time one is to be told that it is the second.
    commandId: randomUUID(),
  });
  if (events.length === 0) return answer(200, 'duplicate');
  onPush(push);
  return answer(202, 'accepted');
}

const unsigned = () =>
  refused('UNAUTHORIZED', 'X-Hub-Signature-256 is missing or was not made of this body with the secret set here.');

function nameIn({ headers }: Request, name: string): string {
  const value = headers.get(name) ?? '';
  if (!NAME.test(value)) throw refused('BAD_REQUEST', `The header ${name} is missing or malformed.`);
  return value;
}

function pushIn({ headers }: Request, body: Uint8Array): GitHubPush {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw refused('UNSUPPORTED_MEDIA_TYPE', 'Set the content type of the webhook to application/json.');
  const { success, data } = pushSchema.safeParse(parsed(body));
  if (!success) throw refused('BAD_REQUEST', 'The body is no push as GitHub describes it.');
  return { githubId: data.repository.id, fullName: data.repository.full_name, ref: data.ref };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body is no JSON.', cause });
  }
}

/** The bytes that were signed. Not more of them are read than allowed, whatever Content-Length says. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const tooLarge = () => refused('PAYLOAD_TOO_LARGE', `More than ${LARGEST_BODY} bytes are not read.`);
  if (Number(request.headers.get('content-length')) > LARGEST_BODY) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > LARGEST_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const answer = (status: 200 | 202, said: 'pong' | 'ignored' | 'accepted' | 'duplicate') =>
  Response.json({ status: said }, { status, headers: { 'cache-control': 'no-store' } });
