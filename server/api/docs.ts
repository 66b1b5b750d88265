import { Hono } from 'hono';
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { methodNotAllowed } from './rest.ts';

/**
 * The pages run our scripts only and speak to this server only. Both readers colour their pages with styles they compute, and draw
 * small pictures from data URLs; nothing of the document gets to be script.
 */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

const page = (title: string, head: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;

const SWAGGER_PAGE = page(
  'Almanac API: try it out',
  `<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>`,
  '<main id="swagger-ui"></main>',
);
const SWAGGER_START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});
`;

const REDOC_PAGE = page(
  'Almanac API: reference',
  `<link rel="icon" href="/docs/favicon-32x32.png">
<script src="/redoc/redoc.standalone.js" defer></script>
<script src="/redoc/start.js" defer></script>`,
  '<main id="redoc"></main>',
);
/** Its search would run in a worker from a blob, which the policy does not allow. */
const REDOC_START = `Redoc.init('/openapi.json', { disableSearch: true }, document.getElementById('redoc'));
`;

type Asset = { readonly type: string; readonly read: () => Promise<Buffer> | Buffer };

const packageFile = (specifier: string): Asset['read'] => {
  const path = fileURLToPath(import.meta.resolve(specifier));
  return () => readFile(path);
};
const swagger = (file: string): Asset['read'] => {
  const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  return () => readFile(join(folder, file));
};
const text =
  (content: string): Asset['read'] =>
  () =>
    Buffer.from(content);

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Everything there is to serve, by its path: no request ever names a file. */
const ASSETS: Readonly<Record<string, Asset>> = {
  '/docs': { type: HTML, read: text(SWAGGER_PAGE) },
  '/docs/start.js': { type: SCRIPT, read: text(SWAGGER_START) },
  '/docs/swagger-ui.css': { type: 'text/css; charset=utf-8', read: swagger('swagger-ui.css') },
  '/docs/swagger-ui-bundle.js': { type: SCRIPT, read: swagger('swagger-ui-bundle.js') },
  '/docs/favicon-32x32.png': { type: 'image/png', read: swagger('favicon-32x32.png') },
  '/redoc': { type: HTML, read: text(REDOC_PAGE) },
  '/redoc/start.js': { type: SCRIPT, read: text(REDOC_START) },
  '/redoc/redoc.standalone.js': { type: SCRIPT, read: packageFile('redoc/bundles/redoc.standalone.js') },
};

type Loaded = { readonly etag: string; readonly plain: Buffer<ArrayBuffer>; readonly gzipped: Buffer<ArrayBuffer> };
const compress = promisify(gzip);

async function load({ read }: Asset): Promise<Loaded> {
  const plain = Buffer.from(await read());
  return { etag: `"${hash('sha1', plain, 'base64url')}"`, plain, gzipped: await compress(plain) };
}

/** The pages that show the OpenAPI document: Swagger UI at `/docs`, Redoc at `/redoc`, with all they need from this server. */
export function createDocs(document: object): Hono {
  const docs = new Hono();
  const openapi: Asset = { type: 'application/json; charset=utf-8', read: text(JSON.stringify(document)) };
  for (const [path, asset] of Object.entries({ ...ASSETS, '/openapi.json': openapi })) {
    let loading: Promise<Loaded> | null = null;
    docs.on(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], path, ({ req }) =>
      methodNotAllowed(req.method, ['GET', 'HEAD']),
    );
    docs.get(path, async (context) => {
      // A failed reading is tried again by the next request.
      loading ??= load(asset).catch((error: unknown) => {
        loading = null;
        throw error;
      });
      const { etag, plain, gzipped } = await loading;
      const headers: Record<string, string> = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
      if (asset.type === HTML) headers['content-security-policy'] = PAGE_POLICY;
      if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
      const small = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
      if (small) headers['content-encoding'] = 'gzip';
      return context.body(small ? gzipped : plain, 200, { ...headers, 'content-type': asset.type });
    });
  }
  return docs;
}
