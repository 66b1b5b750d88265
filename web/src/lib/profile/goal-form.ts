import type { GoalKind } from '../../../../server/api/community-views.ts';

/** In the order in which they are offered. */
export const goalKinds = ['streak', 'rate', 'days', 'commits', 'other'] as const satisfies readonly GoalKind[];
export const isGoalKind = (text: string): text is GoalKind => goalKinds.some((kind) => kind === text);

export const cheerMarks = ['🌱', '👏', '🔥', '💪', '🎉', '☕'] as const;
export type CheerMark = (typeof cheerMarks)[number];
export const markOf = (text: string): CheerMark | null => cheerMarks.find((mark) => mark === text) ?? null;
