import { describe } from 'vitest';
import { appendContract, idempotencyContract } from './event-store/append.ts';
import { concurrencyContract } from './event-store/concurrency.ts';
import { closingContract, deletingContract } from './event-store/deleting.ts';
import type { OpensStore } from './event-store/fixtures.ts';
import { propertyContract } from './event-store/properties.ts';
import { readAllContract, readStreamContract } from './event-store/reading.ts';
import { subscriptionContract, subscriptionEndContract } from './event-store/subscriptions.ts';

export type { OpenStore, OpensStore } from './event-store/fixtures.ts';

/**
 * What every adapter of the event store port keeps. `open` is called once a test; the log behind it need not be empty
 * nor new (a shared server will do), but nobody else may append to it during a test.
 */
export function eventStoreContract(name: string, open: OpensStore): void {
  describe(`${name} keeps the event store's contract`, () => {
    appendContract(open);
    idempotencyContract(open);
    concurrencyContract(open);
    readStreamContract(open);
    readAllContract(open);
    subscriptionContract(open);
    subscriptionEndContract(open);
    deletingContract(open);
    closingContract(open);
    propertyContract(open);
  });
}
