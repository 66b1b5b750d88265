import { TRPCError } from '@trpc/server';
import { Hono, type Context as HonoContext } from 'hono';
import { judge, type Permission } from '../identity/permissions.ts';
import type { ApiEnv } from './api.ts';
import { errorResponse } from './rest.ts';

/** A route that is no procedure, since it redirects, streams, or reads a body as it was signed. */
export type HttpRoute = {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/api/users/{id}/export`. */
  readonly path: string;
  /** Who may call it: asked before the route looks at anything. */
  readonly permission: Permission;
  /** Its operation in the OpenAPI document. */
  readonly operation: { readonly [key: string]: unknown };
  readonly handle: (asked: HonoContext<ApiEnv>) => Response | Promise<Response>;
};

/** The routes as an app, each behind its permission. */
export function serveRoutes(routes: readonly HttpRoute[]): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  for (const { method, path, permission, handle } of routes)
    app.on(method, patternOf(path), (asked) => {
      const verdict = judge(permission, asked.env.caller);
      return verdict === 'granted' ? handle(asked) : refused(verdict);
    });
  return app;
}

/** As Hono writes it. A parameter that an ending follows (`{github_id}.pdf`) holds the ending, too. */
const patternOf = (path: string): string =>
  path.replaceAll(/\{(\w+)\}(\.\w+)?/g, (_all, name: string, ending?: string) =>
    ending === undefined ? `:${name}` : `:${name}{[^/]+\\${ending}}`,
  );

/** Tells whether a path is that of a route, whatever its parameters. */
export function routedBy(routes: readonly HttpRoute[]): (path: string) => boolean {
  const patterns = routes.map(
    ({ path }) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  );
  return (path) => patterns.some((pattern) => pattern.test(path));
}

const refused = (verdict: 'unauthorized' | 'forbidden'): Response =>
  errorResponse(
    verdict === 'unauthorized'
      ? new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in, or send a key as Bearer authorization.' })
      : new TRPCError({ code: 'FORBIDDEN', message: 'You may not do this.' }),
  );
