import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createCodec } from '../../server/event-store/codec.ts';
import { verifySignature } from '../../server/webhooks/github-signature.ts';
import { createGitHubWebhook, type GitHubPush } from '../../server/webhooks/github-webhook.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a signature', () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const SECRET = "It's a Secret to Everybody";
  const BODY = bytes('Hello, World!');
  const DIGITS = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

  test('is right where it is the one that GitHub documents', () => {
    expect(verifySignature(SECRET, BODY, `sha256=${DIGITS}`)).toBe(true);
    expect(verifySignature(SECRET, BODY, `sha256=${DIGITS.toUpperCase()}`)).toBe(true);
  });

  test('is wrong for another body or another secret', () => {
    expect(verifySignature(SECRET, bytes('Hello, World?'), `sha256=${DIGITS}`)).toBe(false);
    expect(verifySignature('another', BODY, `sha256=${DIGITS}`)).toBe(false);
  });

  test.each([
    ['nothing', null],
    ['empty', ''],
    ['without its algorithm', DIGITS],
    ['under another name', `sha1=${DIGITS}`],
    ['too short', `sha256=${DIGITS.slice(2)}`],
    ['too long', `sha256=${DIGITS}00`],
    ['no hexadecimal', `sha256=${DIGITS.slice(0, 62)}zz`],
    ['with more behind it', `sha256=${DIGITS}\nsha256=${DIGITS}`],
    ['SHA-1', `sha1=${createHmac('sha1', SECRET).update(BODY).digest('hex')}`],
  ])('is none: %s', (_what, header) => expect(verifySignature(SECRET, BODY, header)).toBe(false));

  test('with an empty secret is none: everybody could make it', () => {
    const made = createHmac('sha256', '').update(BODY).digest('hex');
    expect(verifySignature('', BODY, `sha256=${made}`)).toBe(false);
  });
});

const SECRET = 'k3Jt-9sPq_vL2xWmZr8YbNc4HdFgTe6U';
const PUSH = {
  ref: 'refs/heads/main',
  before: '0'.repeat(40),
  after: 'a'.repeat(40),
  repository: { id: 1296269, full_name: 'garden-kim/orchard', private: true },
  commits: [{ message: '비밀' }],
};

function receiver(secret: string | null = SECRET) {
  const store = new MemoryEventStore();
  const pushes: GitHubPush[] = [];
  const now = () => Date.parse('2025-03-10T13:00:00Z');
  const receive = createGitHubWebhook({
    secret,
    store,
    codec: createCodec(),
    onPush: (push) => pushes.push(push),
    now,
  });
  const recorded = async () => {
    const all = (await Array.fromAsync(store.readAll())).flat();
    return all.map(({ stream, data }) => ({ stream, data }));
  };
  return { receive, pushes, recorded };
}

const sign = (body: string, secret = SECRET) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

function delivery(payload: unknown, headers: Record<string, string> = {}, body = JSON.stringify(payload)): Request {
  return new Request('http://localhost/webhooks/github', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': sign(body),
      ...headers,
    },
  });
}

const answered = async (response: Response | Promise<Response>) => {
  const { status } = await response;
  const body = (await (await response).json()) as { status?: string; error?: { code: string } };
  return [status, body.status ?? body.error?.code];
};

describe('a push', () => {
  test('is recorded without what was pushed, and told of', async () => {
    const { receive, pushes, recorded } = receiver();
    expect(await answered(receive(delivery(PUSH)))).toEqual([202, 'accepted']);
    expect(pushes).toEqual([{ githubId: 1296269, fullName: 'garden-kim/orchard', ref: 'refs/heads/main' }]);
    expect(await recorded()).toEqual([
      {
        stream: expect.stringMatching(/^webhook-[\da-f]{32}$/),
        data: {
          deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
          event: 'push',
          githubId: 1296269,
          at: '2025-03-10T13:00:00.000Z',
        },
      },
    ]);
  });

  test('that is replayed under another delivery id is a duplicate', async () => {
    const { receive, pushes, recorded } = receiver();
    await receive(delivery(PUSH));
    const replayed = delivery(PUSH, { 'x-github-delivery': 'another' });
    expect(await answered(receive(replayed))).toEqual([200, 'duplicate']);
    expect(pushes).toHaveLength(1);
    expect(await recorded()).toHaveLength(1);
  });

  test('that comes twice at the same time is told of once', async () => {
    const { receive, pushes } = receiver();
    const answers = await Promise.all([receive(delivery(PUSH)), receive(delivery(PUSH))].map(answered));
    expect(answers.toSorted()).toEqual([
      [200, 'duplicate'],
      [202, 'accepted'],
    ]);
    expect(pushes).toHaveLength(1);
  });

  test('after another push is another', async () => {
    const { receive, pushes } = receiver();
    await receive(delivery(PUSH));
    expect(await answered(receive(delivery({ ...PUSH, after: 'b'.repeat(40) })))).toEqual([202, 'accepted']);
    expect(pushes).toHaveLength(2);
  });
});

test('a ping is answered, other events are let be; neither is recorded', async () => {
  const { receive, recorded } = receiver();
  expect(await answered(receive(delivery({ zen: 'Design for failure.' }, { 'x-github-event': 'ping' })))).toEqual([
    200,
    'pong',
  ]);
  expect(await answered(receive(delivery(PUSH, { 'x-github-event': 'issues' })))).toEqual([202, 'ignored']);
  expect(await recorded()).toEqual([]);
});

describe('refused is', () => {
  const refusal = async (request: Request, secret: string | null = SECRET) => {
    const { receive, pushes, recorded } = receiver(secret);
    const refused = await answered(receive(request));
    expect([pushes, await recorded()]).toEqual([[], []]);
    return refused;
  };
  const unsigned = delivery(PUSH);
  unsigned.headers.delete('x-hub-signature-256');

  test('everything, where no secret is set', async () =>
    expect(await refusal(delivery(PUSH), null)).toEqual([404, 'NOT_FOUND']));
  test('what is not signed', async () => expect(await refusal(unsigned)).toEqual([401, 'UNAUTHORIZED']));
  test.each([
    ['with another secret', sign(JSON.stringify(PUSH), 'another')],
    ['for another body', sign('{}')],
    ['by SHA-1', `sha1=${createHmac('sha1', SECRET).update(JSON.stringify(PUSH)).digest('hex')}`],
  ])('what is signed %s', async (_how, signature) => {
    expect(await refusal(delivery(PUSH, { 'x-hub-signature-256': signature }))).toEqual([401, 'UNAUTHORIZED']);
  });
  test('what is not signed, before anybody looks at what it says', async () => {
    const broken = delivery(null, { 'x-hub-signature-256': sign('{}'), 'x-github-event': '' }, '{');
    expect(await refusal(broken)).toEqual([401, 'UNAUTHORIZED']);
  });
  test('the body of another event under the name of a push', async () => {
    const issue = { action: 'opened', issue: {}, repository: PUSH.repository };
    expect(await refusal(delivery(issue))).toEqual([400, 'BAD_REQUEST']);
  });
  test('what is no JSON, though it is signed', async () =>
    expect(await refusal(delivery(null, {}, '{'))).toEqual([400, 'BAD_REQUEST']));
  test('a form', async () => {
    const form = delivery(PUSH, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(await refusal(form)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
  test.each(['x-github-event', 'x-github-delivery'])('a malformed %s', async (name) => {
    expect(await refusal(delivery(PUSH, { [name]: 'a b' }))).toEqual([400, 'BAD_REQUEST']);
  });

  const large = (size: number) => JSON.stringify({ ...PUSH, filling: 'x'.repeat(size) });
  test('more than a mebibyte, as announced', async () => {
    const body = large(1_048_576);
    const announced = delivery(null, { 'content-length': String(body.length) }, body);
    expect(await refusal(announced)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
  test('more than a mebibyte, unannounced, without being read to its end', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => ((sent += 65_536), controller.enqueue(new Uint8Array(65_536))),
    });
    const endless = new Request('http://localhost/webhooks/github', {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'x-hub-signature-256': sign('') },
    });
    expect(await refusal(endless)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(sent).toBeLessThan(2_097_152);
  });
  test('nothing that is nearly as large', async () => {
    const { receive } = receiver();
    expect(await answered(receive(delivery(null, {}, large(1_000_000))))).toEqual([202, 'accepted']);
  });
});
