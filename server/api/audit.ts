import { z } from 'zod';
import { auditTrail } from '../../projections/audit-trail.ts';
import { listMembers } from '../../projections/members.ts';
import { adminProcedure, router } from './trpc.ts';
import type { AuditView } from './views.ts';

/** `into` is a member; what else is told of an act stays as it is. */
const named = ({ into, ...detail }: AuditView['detail'], handles: ReadonlyMap<string, string>): AuditView['detail'] =>
  typeof into === 'string' ? { ...detail, into: handles.get(into) ?? into } : detail;

export const auditRouter = router({
  list: adminProcedure
    .meta({ description: 'Who did what to whom, newest first.' })
    .input(z.object({ before: z.int().min(0).optional(), limit: z.int().min(1).max(200).default(50) }))
    .query(({ ctx: { services }, input: { before, limit } }): AuditView[] => {
      const handles = new Map(listMembers(services.model('members')).map(({ id, handle }) => [id, handle]));
      return auditTrail(services.model('audit-trail'), { limit, ...(before !== undefined && { before }) }).map(
        (entry) => ({
          position: entry.position,
          at: entry.at,
          actor: handles.get(entry.actor) ?? entry.actor,
          action: entry.action,
          subject: entry.subject === null ? null : (handles.get(entry.subject) ?? entry.subject),
          detail: named(entry.detail, handles),
        }),
      );
    }),
});
