import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

export const webhookEvents = {
  WebhookReceived: defineEvent(
    z.object({
      /** The sender's name for this delivery (`X-GitHub-Delivery`); it is not signed. */
      deliveryId: z.string(),
      /** What happened there, in the sender's word: `push`. */
      event: z.string(),
      /** The repository's number at GitHub. */
      githubId: z.int().nullish(),
      at: instantSchema,
    }),
  ),
};
export type WebhookEvent = EventsOf<typeof webhookEvents>;

/**
 * One stream a message. GitHub signs the body and nothing else, no time and no number of the delivery: what has the same signature is
 * the same message, however often and under whatever name it comes.
 * @param signature hexadecimal digits, verified
 */
export const webhookStream = (signature: string) => `webhook-${signature.toLowerCase().slice(0, 32)}`;

export type Webhook = { readonly received: boolean };

export const webhook = {
  initial: { received: false } as Webhook,
  evolve: (_state: Webhook, _event: WebhookEvent): Webhook => ({ received: true }),
};

/** A message is received once. */
export const receive = (message: WebhookEvent['data'], { received }: Webhook): WebhookEvent[] =>
  received ? [] : [{ type: 'WebhookReceived', data: message }];
