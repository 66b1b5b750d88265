import { Hono } from 'hono';
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { methodNotAllowed } from './rest.ts';

/** The pages run our scripts only, and speak to this server only; small pictures come as data. */
const policy = (styles: string) =>
  `default-src 'self'; style-src ${styles}; img-src 'self' data:; object-src 'none'; base-uri 'none'; ` +
  "form-action 'none'; frame-ancestors 'none'";
const SWAGGER_POLICY = policy("'self'");
/** Redoc writes its styles into the page as it goes, and stops where it may not. */
const REDOC_POLICY = policy("'self' 'unsafe-inline'");

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
const REDOC_START = `document.body.style.margin = '0';
Redoc.init('/openapi.json', { disableSearch: true }, document.getElementById('redoc'));
`;

type Asset = {
  readonly type: string;
  readonly policy?: string;
  readonly read: () => Promise<Buffer> | Buffer;
};

const swagger = (file: string): Asset['read'] => {
  const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  return () => readFile(join(folder, file));
};
/** Redoc would fetch its maker's logo from their server; the line that names and links them stays. */
const redoc: Asset['read'] = async () => {
  const script = await readFile(fileURLToPath(import.meta.resolve('redoc/bundles/redoc.standalone.js')), 'utf8');
  return Buffer.from(script.replace('https://cdn.redoc.ly/redoc/logo-mini.svg', NO_PICTURE));
};
const NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
const text =
  (content: string): Asset['read'] =>
  () =>
    Buffer.from(content);

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Everything there is to serve, by its path: no request ever names a file. */
const ASSETS: Readonly<Record<string, Asset>> = {
  '/docs': { type: HTML, policy: SWAGGER_POLICY, read: text(SWAGGER_PAGE) },
  '/docs/start.js': { type: SCRIPT, read: text(SWAGGER_START) },
  '/docs/swagger-ui.css': { type: 'text/css; charset=utf-8', read: swagger('swagger-ui.css') },
  '/docs/swagger-ui-bundle.js': { type: SCRIPT, read: swagger('swagger-ui-bundle.js') },
  '/docs/favicon-32x32.png': { type: 'image/png', read: swagger('favicon-32x32.png') },
  '/redoc': { type: HTML, policy: REDOC_POLICY, read: text(REDOC_PAGE) },
  '/redoc/start.js': { type: SCRIPT, read: text(REDOC_START) },
  '/redoc/redoc.standalone.js': { type: SCRIPT, read: redoc },
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
      if (asset.policy) headers['content-security-policy'] = asset.policy;
      if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
      const small = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
      if (small) headers['content-encoding'] = 'gzip';
      return context.body(small ? gzipped : plain, 200, { ...headers, 'content-type': asset.type });
    });
  }
  return docs;
}
