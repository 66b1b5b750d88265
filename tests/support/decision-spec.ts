import { expect } from 'vitest';
import type { AlmanacEvent } from '../../domain/event-registry.ts';

export type Aggregate<State, Event> = {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
};
export type Decide<State, Event> = (state: State) => readonly Event[];

/** What events have made of an aggregate. Each call folds afresh: some states grow in place. */
export const fold = <State, Event>({ initial, evolve }: Aggregate<State, Event>, events: readonly Event[]): State =>
  events.reduce((state, event) => evolve(state, event), initial);

/**
 * Given / when / then over the decisions of an aggregate:
 * `const { given } = decisionsOf(challenge); given([opened]).when((state) => leave('ada', state)).then([…])`.
 */
export function decisionsOf<State, Event extends AlmanacEvent>(aggregate: Aggregate<State, Event>) {
  return {
    given: (history: readonly Event[]) => ({
      when: (decide: Decide<State, Event>) => ({
        /** These events happen, and deciding the same again once they have says nothing. */
        then(expected: readonly Event[]) {
          const events = decide(fold(aggregate, history));
          expect(events).toEqual(expected);
          expect(decide(fold(aggregate, [...history, ...events])), 'the same decision again').toEqual([]);
        },
        thenNothing: () => expect(decide(fold(aggregate, history))).toEqual([]),
        thenRefuses: (error: new (...parts: never[]) => Error) =>
          expect(() => decide(fold(aggregate, history))).toThrow(error),
      }),
    }),
  };
}
