import { operatorProcedure, router } from './trpc.ts';

export const vaultRouter = router({
  rotate: operatorProcedure
    .meta({ description: 'Wraps the keys of all members with a new master key, where Almanac made the one there is.' })
    .mutation(({ ctx }) => {
      ctx.services.rotateMasterKey();
      return { status: 'rotated' as const };
    }),
});
