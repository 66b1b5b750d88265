import { fail } from '@sveltejs/kit';
import { faultOf, toSignIn } from '#lib/api.server.ts';
import type { Outcome } from './outcome.ts';

/** What an action says of itself, for the page to tell its outcome where the form stands. */
type Said<Form extends string> = { form: Form; of?: string };

/**
 * What comes of asking the API to do what a form is for. A fault it names comes back to the form; whose session has
 * ended goes to sign in.
 */
export async function outcomeOf<Answer, Form extends string, More extends object = object>(
  { form, of = '' }: Said<Form>,
  asking: Promise<Answer>,
  /** What the reader had filled in, to be shown again, or what the page is to say of it. */
  more: More = {} as More,
) {
  try {
    return { form, of, fault: null, done: await asking, ...more };
  } catch (thrown) {
    const { status, field } = faultOf(thrown);
    if (status === 401) toSignIn();
    return notDone({ form, of }, { status, field: field ?? null }, more);
  }
}

/** The answer of a form that is refused without asking the API, or by it. */
export const notDone = <Form extends string, More extends object>(
  { form, of = '' }: Said<Form>,
  fault: NonNullable<Outcome['fault']>,
  more: More = {} as More,
) => fail(fault.status, { form, of, fault, done: null, ...more });

/** The text of a form's field. */
export const textOf = (form: FormData, field: string): string => {
  const value = form.get(field);
  return typeof value === 'string' ? value : '';
};
