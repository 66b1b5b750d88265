import { z } from 'zod';
import { dayDecisions } from '../../projections/verdict-history.ts';
import type { Decision } from '../../projections/verdicts.ts';
import { listMembers } from '../../projections/members.ts';
import { requireChallenge } from './book.ts';
import { challengeId } from './input.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers } from './trpc.ts';

const decisionSchema = z
  .object({
    position: z.int().meta({ description: 'Names it; `before` goes on from it.' }),
    at: z.iso.datetime(),
    by: z.string().nullable().meta({ description: 'A handle, or `local`, `operator`, `key:…`.' }),
    github_id: z.string(),
    name: z.string(),
    date: z.string(),
    kind: z.enum(['corrected', 'excused', 'withdrawn']),
    verdict: z.string().nullable().meta({ description: 'Of a correction.' }),
    previous: z.string().nullable().meta({ description: 'What the correction replaced.' }),
    reason: z.string().nullable().meta({ description: 'null: none was given, or the member was erased.' }),
  })
  .meta({ id: 'DayDecision' });
export type DayDecisionView = z.output<typeof decisionSchema>;

export const correctionHistory = adminProcedure
  .meta({
    description: 'What people decided about the days of a challenge, the latest first.',
    rest: {
      ...{ method: 'GET', path: '/api/admin/corrections' },
      ...{ summary: 'Days that people decided about', tags: ['admin'], errors: [403, 404] },
    },
  })
  .input(
    z.strictObject({
      challenge: challengeId.optional(),
      before: z.int().min(0).optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
  )
  .output(answers(z.object({ decisions: z.array(decisionSchema) })))
  .query(({ ctx: { services }, input: { challenge, ...page } }) => {
    const { id } = requireChallenge(services, challenge);
    const people = new Map(listMembers(services.model('members')).map((member) => [member.id, member]));
    const nameOf = (memberId: string) => people.get(memberId)?.handle ?? memberId;
    const decisions = dayDecisions(services.model('verdicts'), id, page).map((one) => ({
      ...{ position: one.position, kind: one.kind, date: one.day, verdict: one.verdict, previous: one.previous },
      at: new Date(one.recordedAt).toISOString(),
      by: one.actor === null ? null : nameOf(one.actor),
      github_id: nameOf(one.memberId),
      name: people.get(one.memberId)?.name ?? one.memberId,
      reason: reasonOf(services, one),
    }));
    return { decisions };
  });

const SEALED: Readonly<Partial<Record<Decision['kind'], string>>> = {
  corrected: 'AttendanceCorrected.reason',
  excused: 'DayExcused.reason',
};

/** Why it was decided, opened; null: no reason was given, or whom it was about was erased. */
export function reasonOf(services: Services, { kind, reason }: Pick<Decision, 'kind' | 'reason'>): string | null {
  const sealed = SEALED[kind];
  const text = sealed === undefined || reason === '' ? '' : services.openText(sealed, reason);
  return text === '' ? null : text;
}
