import { TRPCError } from '@trpc/server';
import { memberById, membersMergedInto } from '../../projections/members.ts';
import { beginExport } from '../identity/export.ts';
import { actorOf, maySeePrivate, memberOf } from '../identity/caller.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore } from '../event-store/event-store.ts';
import type { HttpRoute } from './http-route.ts';
import { EXPORT } from './openapi-routes.ts';
import { errorResponse } from './rest.ts';
import type { Services } from './services.ts';

type Parts = { readonly services: Services; readonly store: EventStore; readonly codec: Codec };

/**
 * `GET /api/users/{id}/export`: everything of one's own (`me`) as JSON, piece by piece. Another's is for the person at the keyboard
 * alone: an admin's role does not open what is private to somebody else.
 */
export function exportRoute({ services, store, codec }: Parts): HttpRoute {
  const handle: HttpRoute['handle'] = async ({ req, env: { caller } }) => {
    const wanted = req.param('id') === 'me' ? memberOf(caller) : (req.param('id') ?? '');
    const model = services.model('members');
    const member = wanted === null ? undefined : memberById(model, wanted);
    if (!member) return refused('NOT_FOUND', 'There is no such member.');
    if (!maySeePrivate(caller, member.id)) return refused('FORBIDDEN', 'Everybody exports their own.');
    const memberIds = new Set([member.id, ...membersMergedInto(model, member.id)]);
    const asked = { memberId: member.id, memberIds, by: actorOf(caller) };
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="almanac-export.json"',
    };
    // Whoever only asks whether they could is given nothing, and nothing is noted.
    if (req.raw.method === 'HEAD') return new Response(null, { headers });
    const pieces = await beginExport({ store, codec, now: services.now }, asked);
    return new Response(ReadableStream.from(bytesOf(pieces)), { headers });
  };
  return { method: 'GET', path: '/api/users/{id}/export', permission: 'account', operation: EXPORT, handle };
}

const refused = (code: TRPCError['code'], message: string): Response => errorResponse(new TRPCError({ code, message }));

async function* bytesOf(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}
