const TEXT = /^(text\/|application\/json)/;

/**
 * The response written small for a client that reads gzip: a page of a hundred members is a tenth as long, and on a phone
 * the first second of it. Pages hold no secrets of their reader that a third person could guess at by their length.
 */
export function compressed(request: Request, response: Response): Response {
  const { headers } = response;
  if (!response.body || !TEXT.test(headers.get('content-type') ?? '') || headers.has('content-encoding')) {
    return response;
  }
  headers.append('vary', 'Accept-Encoding');
  if (!/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '') || response.status === 206) return response;
  const small = response.body.pipeThrough(new CompressionStream('gzip'));
  headers.delete('content-length');
  headers.set('content-encoding', 'gzip');
  return new Response(small, { status: response.status, statusText: response.statusText, headers });
}
