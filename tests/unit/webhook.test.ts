import { expect, test } from 'vitest';
import { receive, webhook, webhookStream, type WebhookEvent } from '../../domain/webhook.ts';
import { decisionsOf } from '../support/decision-spec.ts';

const { given } = decisionsOf(webhook);
const message = { deliveryId: '72d3162e', event: 'push', githubId: 1296269, at: '2025-03-10T13:00:00Z' };
const received: WebhookEvent = { type: 'WebhookReceived', data: message };

test('a message is received', () =>
  given([])
    .when((state) => receive(message, state))
    .then([received]));

test('once, whatever name it comes under', () => {
  for (const again of [message, { ...message, deliveryId: 'another', event: 'ping', at: '2025-03-11T13:00:00Z' }])
    given([received])
      .when((state) => receive(again, state))
      .thenNothing();
});

test('the signature is the name of its stream, however its digits are written', () => {
  const signature = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  expect(webhookStream(signature)).toBe('webhook-757107ea0eb2509fc211221cce984b8a');
  expect(webhookStream(signature.toUpperCase())).toBe(webhookStream(signature));
});
