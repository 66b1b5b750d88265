import { createHmac, randomUUID } from 'node:crypto';

export type Delivery = {
  /** The same id again is the same delivery, sent once more. */
  readonly id?: string;
  /** Sent in place of the right signature. */
  readonly signature?: string;
};

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export const signatureOf = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Sends an event as GitHub does. */
export function deliver(url: string, secret: string, event: string, payload: unknown, delivery: Delivery = {}) {
  const body = JSON.stringify(payload);
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'GitHub-Hookshot/0000000',
      'X-GitHub-Event': event,
      'X-GitHub-Delivery': delivery.id ?? randomUUID(),
      'X-GitHub-Hook-ID': '1',
      'X-Hub-Signature-256': delivery.signature ?? signatureOf(secret, body),
    },
  });
}
