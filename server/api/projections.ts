import { z } from 'zod';
import type { ProjectionProgress } from './services.ts';
import { operatorProcedure, router } from './trpc.ts';

const names = z.object({ names: z.array(z.string()).max(100) });

export const projectionsRouter = router({
  list: operatorProcedure
    .meta({ description: 'Read models with their state.' })
    .query(({ ctx }) => ctx.services.projections.list()),

  rebuild: operatorProcedure
    .meta({
      description: 'Builds read models afresh beside the old ones and lets them take their place; progress as it goes.',
    })
    .input(names)
    .mutation(({ ctx, input }) => withProgress((report) => ctx.services.projections.rebuild(input.names, report))),

  verify: operatorProcedure
    .meta({ description: 'Folds afresh and compares with what is shown; progress as it goes.' })
    .input(names)
    .mutation(({ ctx, input }) => withProgress((report) => ctx.services.projections.verify(input.names, report))),
});

export type WorkReport<Result> = { progress: ProjectionProgress } | { result: Result };

/** Long work as a stream: its progress (the latest of each name), then its result. */
async function* withProgress<Result>(
  work: (report: (progress: ProjectionProgress) => void) => Promise<Result>,
): AsyncGenerator<WorkReport<Result>> {
  const latest = new Map<string, ProjectionProgress>();
  let wake = Promise.withResolvers<void>();
  const done = work((progress) => {
    latest.set(progress.name, progress);
    wake.resolve();
  });
  const finished = done.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([finished, wake.promise.then(() => false)]))) {
    wake = Promise.withResolvers<void>();
    for (const progress of latest.values()) yield { progress };
    latest.clear();
  }
  for (const progress of latest.values()) yield { progress };
  yield { result: await done };
}
