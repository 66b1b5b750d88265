import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  access,
  AccessRefused,
  approve,
  changeRole,
  connectToken,
  deactivate,
  decline,
  disconnectToken,
  invite,
  noteExport,
  reactivate,
  roles,
  signIn,
  type Access,
  type AccessEvent,
} from '../../domain/access.ts';
import { apiKey, issueKey, KeyRefused, noteUse, revokeKey, scopes } from '../../domain/api-key.ts';
import { attendance, correctDay, ExcuseBudgetSpent, excuseDay, markDays } from '../../domain/attendance.ts';
import {
  challenge,
  changeRule,
  closeChallenge,
  closeJoining,
  enrol,
  leave,
  openChallenge,
  openJoining,
} from '../../domain/challenge.ts';
import { commitHistory, observe } from '../../domain/commit-history.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { abandonSlot, claimSlot, failSlot, finishSlot, jobRun } from '../../domain/job-run.ts';
import type { MemberEvent } from '../../domain/member.ts';
import {
  collection,
  completeCollection,
  failCollection,
  registerRepository,
  repository,
} from '../../domain/repository.ts';
import { refreshSession, revokeSession, sessionLife, startSession } from '../../domain/session.ts';
import { fold, type Aggregate, type Decide } from '../support/decision-spec.ts';

/** Few values, so that commands meet each other. */
const name = fc.constantFrom('ada', 'bo');
const day = fc.constantFrom('2025-03-10', '2025-03-11', '2025-03-12');
const instant = fc.constantFrom('2025-03-10T14:59:59Z', '2025-03-10T15:00:00Z', '2025-03-12T00:00:00Z');
const verdict = fc.constantFrom('present' as const, 'absent' as const);
const rule = fc.record({
  commitsPerDay: fc.constantFrom(1, 2),
  excludedWeekdays: fc.subarray([6, 7], { minLength: 0 }),
  excusedDays: fc.constantFrom(0, 1, 2),
});
const season = fc.constantFrom(
  { kind: 'rolling' as const, days: 100 },
  { kind: 'fixed' as const, start: '2025-03-10', days: 3 },
);

type Command<State, Event> = { what: string; decide: Decide<State, Event> };
const command = <Input, State, Event>(
  what: string,
  input: fc.Arbitrary<Input>,
  decide: (input: Input, state: State) => readonly Event[],
): fc.Arbitrary<Command<State, Event>> =>
  input.map((given) => ({ what: `${what} ${JSON.stringify(given)}`, decide: (state) => decide(given, state) }));

/** Decides a sequence of commands one after the other, and each of them twice. */
function decidingTwiceSaysNothingNew<State, Event extends AlmanacEvent>(
  aggregate: Aggregate<State, Event>,
  ...commands: fc.Arbitrary<Command<State, Event>>[]
) {
  fc.assert(
    fc.property(fc.array(fc.oneof(...commands), { maxLength: 20 }), (sequence) => {
      const history: Event[] = [];
      for (const { what, decide } of sequence) {
        const events = deciding(() => decide(fold(aggregate, history)));
        history.push(...events);
        expect(
          deciding(() => decide(fold(aggregate, history))),
          what,
        ).toEqual([]);
      }
    }),
  );
}

const REFUSALS = [ExcuseBudgetSpent, AccessRefused, KeyRefused];

/** A refusal changes nothing, so it is no event; any other error fails the test. */
function deciding<Event>(decide: () => readonly Event[]): readonly Event[] {
  try {
    return decide();
  } catch (error) {
    if (REFUSALS.some((refusal) => error instanceof refusal)) return [];
    throw error;
  }
}

test('a challenge', () => {
  const members = fc.array(name);
  decidingTwiceSaysNothingNew(
    challenge,
    command('open', fc.record({ season, rule }), (terms, state) =>
      openChallenge({ id: 'c', title: 't', timeZone: 'Asia/Seoul', ...terms }, state),
    ),
    command('enrol', fc.record({ repositories: members, members }), enrol),
    command('leave', name, leave),
    command('change the rule', rule, changeRule),
    command('open for joining', fc.record({ by: name, at: instant }), openJoining),
    command('close for joining', fc.record({ by: name, at: instant }), closeJoining),
    command('close', fc.constant(null), (_none, state) => closeChallenge(state)),
  );
});

test('attendance', () => {
  const place = { challengeId: 'c', memberId: 'ada' };
  const reason = fc.constant('because');
  decidingTwiceSaysNothingNew(
    attendance,
    command('mark', fc.array(fc.record({ day, evidence: name })), (days, state) => markDays(days, place, state)),
    command('correct', fc.record({ day, verdict, reason, by: name }), (input, state) =>
      correctDay(input, place, state),
    ),
    command('excuse', fc.record({ excuse: fc.record({ day, reason, by: name }), rule }), (input, state) =>
      excuseDay(input.excuse, place, input.rule, state),
    ),
  );
});

test('a run of a job', () => {
  const claim = fc.record({ name: fc.constant('backup'), slot: fc.constant('s'), by: name, at: instant });
  decidingTwiceSaysNothingNew(
    jobRun,
    command('claim', fc.record({ claim, failures: fc.constantFrom(1, 2, 3) }), ({ claim, failures }, state) =>
      claimSlot(claim, { failures, isDead: ({ by }) => by !== claim.by }, state),
    ),
    command('finish', claim, (input, state) => finishSlot({ ...input, outcome: 'done' }, state)),
    command('fail', claim, (input, state) => failSlot({ ...input, reason: 'no network', retryAt: input.at }, state)),
    command('abandon', claim, ({ by, ...input }, state) =>
      abandonSlot({ ...input, reason: 'its server is gone' }, (run) => run.by !== by, state),
    ),
  );
});

test('commits of a month', () => {
  const commit = fc.record({
    memberId: name,
    repositoryId: name,
    sha: fc.constantFrom('a', 'b', 'c'),
    authoredAt: instant,
    authorOffset: fc.constant(540),
    committedAt: instant,
    observedAt: instant,
    message: name,
  });
  decidingTwiceSaysNothingNew(commitHistory, command('observe', fc.array(commit), observe));
});

test('a repository', () => {
  const registration = fc.record({
    repositoryId: fc.constant('r'),
    name,
    source: fc.constant('local-git' as const),
    location: name,
  });
  decidingTwiceSaysNothingNew(repository, command('register', registration, registerRepository));
});

test('the collection of a source', () => {
  const source = { source: fc.constant('local-git' as const), sourceId: fc.constant('r') };
  const completed = fc.record({
    ...source,
    through: instant,
    observed: fc.constantFrom(0, 1),
    timeZone: fc.constant('Asia/Seoul'),
  });
  const failure = fc.record({
    ...source,
    at: instant,
    reason: fc.constantFrom('missing' as const, 'timeout' as const),
    message: name,
  });
  decidingTwiceSaysNothingNew(
    collection,
    command('complete', completed, completeCollection),
    command('fail', failure, failCollection),
  );
});

test('the access of a member', () => {
  const memberId = fc.constant('kim');
  const role = fc.constantFrom(...roles);
  const asked = fc.record({ memberId, actor: fc.record({ by: name, role }), at: instant });
  const assigned = fc.record({ memberId, actor: fc.record({ by: name, role }), at: instant, role });
  const said = fc.record({ memberId, by: name, at: instant });
  const login = fc.constantFrom('kim', 'garden-kim');
  const signingIn = fc.record({
    memberId,
    at: instant,
    login,
    openChallenge: fc.constantFrom('c', null),
    owner: fc.boolean(),
  });
  const token = fc.record({ memberId, scopes: fc.subarray(['read:user', 'user:email', 'repo']), at: instant });
  const erase = (data: { memberId: string; by: string; at: string }, state: Access): MemberEvent[] =>
    state.status === 'erased' ? [] : [{ type: 'MemberErased', data: { ...data, identityIds: [] } }];
  decidingTwiceSaysNothingNew<Access, AccessEvent | MemberEvent>(
    access,
    command('invite', fc.tuple(assigned, login), ([input, login], state) => invite({ ...input, login }, state)),
    command('sign in', signingIn, signIn),
    command('approve', assigned, approve),
    command('decline', asked, decline),
    command('change the role', assigned, changeRole),
    command('deactivate', asked, deactivate),
    command('reactivate', asked, reactivate),
    command('connect a token', token, connectToken),
    command('disconnect the token', said, disconnectToken),
    command('export', said, noteExport),
    command('erase', said, erase),
  );
});

test('a session', () => {
  const ids = { sessionId: fc.constant('s'), memberId: fc.constant('kim') };
  const hash = fc.constantFrom('a', 'a+', 'a++', 'b');
  const reason = fc.constantFrom('sign-out' as const, 'revoked' as const, 'access-ended' as const);
  decidingTwiceSaysNothingNew(
    sessionLife,
    command('start', fc.record({ ...ids, refreshHash: fc.constant('a'), client: name, at: instant }), startSession),
    // Nobody draws the same secret twice.
    command('refresh', fc.record({ presentedHash: hash, at: instant }), (input, state) =>
      refreshSession({ ...input, nextHash: `${input.presentedHash}+` }, state),
    ),
    command('revoke', fc.record({ by: name, reason, at: instant }), revokeSession),
  );
});

test('an API key', () => {
  const input = fc.record({
    keyId: fc.constant('k'),
    memberId: fc.constant('kim'),
    name,
    scopes: fc.subarray([...scopes]),
    hash: fc.constant('h'),
    expiresAt: fc.option(instant),
    requestsPerMinute: fc.constantFrom(null, 30),
    by: name,
    at: instant,
  });
  decidingTwiceSaysNothingNew(
    apiKey,
    command('issue', fc.record({ input, held: fc.subarray([...scopes]) }), ({ input, held }, state) =>
      issueKey(input, held, state),
    ),
    command('use', instant, noteUse),
    command('revoke', fc.record({ by: name, at: instant }), revokeKey),
  );
});
