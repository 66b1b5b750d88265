import type { IdentityWords } from '#lib/i18n/identity.ko.ts';

/** Why a form did not do what it is for: the API's status, and the field it names. */
export type Fault = { status: number; field: string | null };

/** What a form of a page comes back with: `form` tells the page's forms apart, `of` the rows one stands in. */
export type Outcome = { form: string; of: string; fault: Fault | null };

/** The fault in the reader's language: of its field where there is one to say, else of its kind. */
export function faultText(fault: Fault, words: IdentityWords['faults'], fields: Record<string, string> = {}): string {
  const ofField = fault.field === null ? undefined : fields[fault.field];
  const kinds: Record<string, string> = words;
  return ofField ?? kinds[fault.status] ?? words.other;
}
