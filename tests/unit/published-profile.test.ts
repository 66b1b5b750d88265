import { describe, expect, test } from 'vitest';
import {
  NameMissing,
  publication,
  publishProfile,
  unpublishProfile,
  type PublicationEvent,
  type PublishInput,
} from '../../domain/published-profile.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(publication);
const at = '2025-03-20T12:00:00Z';
const address = 'AAECAwQFBgcICQoLDA0ODw';
const input: PublishInput = { memberId: 'kim', address, name: '정원사 김', challengeId: 'garden', at };
const published = (change: Partial<PublishInput> = {}): PublicationEvent => ({
  type: 'ProfilePublished',
  data: { ...input, ...change },
});
const unpublished: PublicationEvent = { type: 'ProfileUnpublished', data: { memberId: 'kim', at } };

describe('publishing a profile', () => {
  test('is said once', () =>
    given([])
      .when((state) => publishProfile(input, state))
      .then([published()]));
  test('the same again keeps its address, whatever address was drawn', () =>
    given([published()])
      .when((state) => publishProfile({ ...input, address: 'another-address-of-twenty' }, state))
      .thenNothing());
  test('by another name keeps the address, too', () =>
    given([published()])
      .when((state) => publishProfile({ ...input, address: 'another-address-of-twenty', name: 'Kim' }, state))
      .then([published({ name: 'Kim' })]));
  test('again, after it was private, gets a new address: the old one never leads anywhere again', () => {
    const fresh = 'another-address-of-twenty';
    given([published(), unpublished])
      .when((state) => publishProfile({ ...input, address: fresh }, state))
      .then([published({ address: fresh })]);
  });
  test('needs a name that can be shown', () => {
    given([])
      .when((state) => publishProfile({ ...input, name: ' \u202e ' }, state))
      .thenRefuses(NameMissing);
    expect(publishProfile({ ...input, name: 'x'.repeat(99) }, publication.initial)).toEqual([
      published({ name: 'x'.repeat(60) }),
    ]);
  });
});

describe('taking it back', () => {
  test('ends it, once', () => {
    given([published()])
      .when((state) => unpublishProfile({ memberId: 'kim', at }, state))
      .then([unpublished]);
    given([])
      .when((state) => unpublishProfile({ memberId: 'kim', at }, state))
      .thenNothing();
  });
  test('leaves nothing to be known of the address', () =>
    expect(fold(publication, [published(), unpublished])).toEqual({ status: 'private' }));
});
