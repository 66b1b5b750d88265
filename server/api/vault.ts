import { TRPCError } from '@trpc/server';
import { VaultRefused } from '../identity/master-key.ts';
import { operatorProcedure, router } from './trpc.ts';

export const vaultRouter = router({
  rotate: operatorProcedure
    .meta({ description: 'Wraps the keys of all members with a new master key, where Almanac made the one there is.' })
    .mutation(({ ctx }) => {
      try {
        ctx.services.rotateMasterKey();
        return { status: 'rotated' as const };
      } catch (cause) {
        if (!(cause instanceof VaultRefused)) throw cause;
        throw new TRPCError({ code: 'PRECONDITION_FAILED', message: cause.message, cause });
      }
    }),
});
