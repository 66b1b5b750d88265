import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Where `npm run dev` serves the API; the built dashboard is mounted in that server instead and needs no proxy. */
const api = process.env['ALMANAC_API'] ?? 'http://127.0.0.1:3001';

/**
 * The layout, the error page and everything they import, Svelte's and Kit's runtime among it. Every page has all of it, so one file
 * costs no reader anything they do not need, and is 5 KB smaller gzipped than the dozen files it would be cut into: what they
 * share is compressed together, and the table of routes, which every reader loads too, names fewer files.
 */
const frame = { name: 'frame', test: /\/web\/src\/routes\/\+(?:layout|error)\.(?:svelte|ts)$/ };

export default defineConfig({
  root: here,
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ out: `${here}build` }),
      // Scripts and styles come from our own files; what Kit itself writes inline carries a nonce.
      csp: {
        mode: 'auto',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self'],
          // The one style attribute Kit itself writes: its hidden announcer of page titles.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
      // A few hundred bytes of style are sooner read in the page than asked for.
      inlineStyleThreshold: 2_048,
      paths: { relative: false },
    }),
  ],
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [frame] } } } } } },
  server: { proxy: { '/trpc': api, '/api': api, [String.raw`^/share/[^/]+/\w+\.(svg|png)$`]: api } },
});
