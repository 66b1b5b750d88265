import { describe, test } from 'vitest';
import {
  approveMotivation,
  arrangement,
  arrangeMotivation,
  discardMotivation,
  draftMotivation,
  editMotivation,
  MotivationRefused,
  motivations,
  noteMotivationSent,
  withdrawUnwanted,
  type MotivationEvent,
} from '../../domain/motivation.ts';
import { decisionsOf } from '../support/decision-spec.ts';

const { given } = decisionsOf(motivations);
const at = '2025-03-17T00:00:00Z';
const place = { challengeId: 'gardeners', memberId: 'kim', week: '2025-W12' };
const decided = { ...place, by: 'bo', at };
const draft = {
  ...place,
  text: 'Keep going, Kim.',
  prompt: null,
  writer: 'template',
  fallback: null,
  tokens: null,
  at,
};
const drafted: MotivationEvent = { type: 'MotivationDrafted', data: draft };
const approved: MotivationEvent = { type: 'MotivationApproved', data: decided };
const discarded: MotivationEvent = { type: 'MotivationDiscarded', data: decided };
const sent: MotivationEvent = { type: 'MotivationSent', data: { ...place, at } };

describe('a motivation', () => {
  test('is drafted once a week, whatever becomes of it', () => {
    const again = (state: typeof motivations.initial) => draftMotivation({ ...draft, text: 'Something else.' }, state);
    given([])
      .when((state) => draftMotivation(draft, state))
      .then([drafted]);
    for (const history of [[drafted], [drafted, discarded], [drafted, approved, sent]])
      given(history).when(again).thenNothing();
  });
  test('is edited while it waits', () => {
    const edit = (text: string) => (state: typeof motivations.initial) => editMotivation({ ...decided, text }, state);
    given([drafted])
      .when(edit('  Well done.  '))
      .then([{ type: 'MotivationEdited', data: { ...decided, text: 'Well done.' } }]);
    given([drafted]).when(edit('Keep going, Kim.')).thenNothing();
    given([drafted]).when(edit('  ')).thenRefuses(MotivationRefused);
    given([drafted])
      .when(edit('x'.repeat(501)))
      .thenRefuses(MotivationRefused);
    for (const history of [[], [drafted, approved], [drafted, approved, sent], [drafted, discarded]])
      given(history).when(edit('Late.')).thenRefuses(MotivationRefused);
  });
  test('is let go', () => {
    given([drafted])
      .when((state) => approveMotivation(decided, state))
      .then([approved]);
    for (const history of [[], [drafted, discarded]])
      given(history)
        .when((state) => approveMotivation(decided, state))
        .thenRefuses(MotivationRefused);
  });
  test('is discarded, unless it is under way', () => {
    given([drafted])
      .when((state) => discardMotivation(decided, state))
      .then([discarded]);
    for (const history of [
      [drafted, approved],
      [drafted, approved, sent],
    ])
      given(history)
        .when((state) => discardMotivation(decided, state))
        .thenRefuses(MotivationRefused);
  });
  test('is sent only after it was let go', () => {
    const note = (state: typeof motivations.initial) => noteMotivationSent({ ...place, at }, state);
    given([drafted, approved]).when(note).then([sent]);
    for (const history of [[], [drafted], [drafted, discarded]]) given(history).when(note).thenNothing();
  });
  test('is taken back where the one it is for wants none any more', () => {
    const withdraw = (state: typeof motivations.initial) => withdrawUnwanted(decided, state);
    given([drafted, approved]).when(withdraw).then([discarded]);
    for (const history of [[drafted], [drafted, approved, sent]]) given(history).when(withdraw).thenNothing();
  });
});

test('drafts wait unless somebody arranges that they go', () => {
  const wish = (automatic: boolean) => ({ challengeId: 'gardeners', automatic, by: 'bo', at });
  const { given } = decisionsOf(arrangement);
  given([])
    .when((state) => arrangeMotivation(wish(true), state))
    .then([{ type: 'MotivationArranged', data: wish(true) }]);
  given([])
    .when((state) => arrangeMotivation(wish(false), state))
    .thenNothing();
});
