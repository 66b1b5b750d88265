import type { MessagesWords } from '#lib/i18n/messages.ko.ts';
import type { Outcome } from '#lib/account/outcome.ts';

type Done = { status?: string; sent?: number; failed?: number };

/** What came of a form about drafts, in the reader's language. */
export function draftOutcome(
  outcome: (Outcome & { done?: unknown }) | null,
  t: MessagesWords['admin']['drafts'],
  number: (value: number) => string,
): string {
  if (outcome === null) return '';
  const { sent = 0, failed = 0, status } = (outcome.done ?? {}) as Done;
  switch (outcome.form) {
    case 'edit':
      return t.saved(outcome.of);
    case 'discard':
      return t.discarded(outcome.of);
    case 'send':
      return (status === 'failed' ? t.failed : t.sent)(outcome.of);
    case 'sendAll':
      return t.sentAll(number(sent), number(failed));
    case 'automatic':
      return t.nowOn;
    default:
      return t.nowOff;
  }
}
