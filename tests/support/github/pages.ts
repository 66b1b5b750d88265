import { html } from 'hono/html';
import type { AuthorizationRequest } from './grants.ts';
import type { Account } from './world.ts';

const page = (title: string, body: unknown) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;

/** Every person of the stand-in as a button, and a way out. */
export const authorizePage = (id: string, request: AuthorizationRequest, accounts: readonly Account[]) =>
  page(
    'Authorize Almanac',
    html`<p>It asks for: ${request.scopes.join(', ') || 'public data only'}</p>
      <form method="post" action="/login/oauth/authorize">
        <input type="hidden" name="request" value="${id}" />
        ${accounts.map(
          ({ id: account, login }) => html`<button name="account" value="${account}">Sign in as ${login}</button> `,
        )}
        <button name="account" value="">Cancel</button>
      </form>`,
  );

export const errorPage = (title: string, text: string) => page(title, html`<p>${text}</p>`);
