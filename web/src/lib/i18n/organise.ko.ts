import { corrections, seasons } from './organise-seasons.ko.ts';
import { collections, events, jobs, parked } from './organise-work.ko.ts';

/** The words of the pages about running a challenge, in Korean. Only those pages load them. */
export const organise = {
  area: '운영',
  nav: {
    seasons: '시즌',
    members: '참여자',
    collections: '수집',
    jobs: '예약 작업',
    corrections: '정정',
    messages: '메시지',
    events: '이벤트',
    parked: '보류된 일',
    audit: '감사 기록',
  },
  seasons,
  corrections,
  collections,
  jobs,
  events,
  parked,
};

export type OrganiseWords = typeof organise;
