import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** How the next request is answered: a status (and headers), a cut connection, or never. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'cut'
  | 'silence';

export type Posted = { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

export type HttpSink = AsyncDisposable & {
  readonly url: string;
  /** What arrived whole, in order, whatever it was answered with. */
  readonly posted: Posted[];
  /** Answers of the requests to come; afterwards all is well. */
  readonly faults: Answer[];
};

/**
 * A small web service on loopback that keeps what it is sent.
 * @param answer what it answers when nothing is wrong
 */
export async function startHttpSink(
  answer: (posted: Posted) => Exclude<Answer, string> = () => ({ status: 200, body: 'ok' }),
): Promise<HttpSink> {
  const posted: Posted[] = [];
  const faults: Answer[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
    posted.push(one);
    const fault = faults.shift();
    if (fault === 'silence') return;
    if (fault === 'cut') return void request.socket.destroy();
    const { status, headers = {}, body = '' } = fault ?? answer(one);
    response.writeHead(status, headers).end(body);
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
