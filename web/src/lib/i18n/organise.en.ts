import { corrections, seasons } from './organise-seasons.en.ts';
import { collections, events, jobs, parked } from './organise-work.en.ts';
import type { OrganiseWords } from './organise.ko.ts';

/** The words of the pages about running a challenge, in English. */
export const organise: OrganiseWords = {
  area: 'Organise',
  nav: {
    seasons: 'Seasons',
    members: 'Members',
    collections: 'Collections',
    jobs: 'Jobs',
    corrections: 'Corrections',
    messages: 'Messages',
    events: 'Events',
    parked: 'Parked work',
    audit: 'Audit trail',
  },
  seasons,
  corrections,
  collections,
  jobs,
  events,
  parked,
};
