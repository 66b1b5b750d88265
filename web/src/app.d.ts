import type { IncomingMessage } from 'node:http';
import type { CallerView, ChallengeView, StatusView } from '../../server/api/views.ts';
import type { Language } from '#lib/i18n/language.ts';
import type { IdentityWords } from '#lib/i18n/identity.ko.ts';
import type { MessagesWords } from '#lib/i18n/messages.ko.ts';
import type { OrganiseWords } from '#lib/i18n/organise.ko.ts';
import type { ReasonsWords } from '#lib/i18n/reasons.ko.ts';
import type { ProfileWords } from '#lib/i18n/profile.ko.ts';
import type { StatisticsWords } from '#lib/i18n/statistics.ko.ts';
import type { Words } from '#lib/i18n/words.ts';
import type { Theme } from '#lib/site/theme.ts';

declare global {
  namespace App {
    interface Error {
      status: number;
      message: string;
      /** What was asked for and is not there; the page says it in the reader's language. */
      missing?: Missing;
      /** Where a day was asked for outside of it. */
      season?: { start: string; end: string };
    }
    interface Locals {
      language: Language;
      theme: Theme;
      /** Who asks; null while the API cannot say. */
      caller: CallerView | null;
      /** Where in the feed of changes the page begins; null while the API cannot say, and where no page is rendered. */
      moment: string | null;
    }
    /** What the layout knows for every page; `words` it adds itself, from the reader's language. */
    interface PageData {
      language: Language;
      words?: Words;
      /** Of the pages about who somebody is only. */
      identity?: IdentityWords;
      /** Of the pages about running a challenge only. */
      organise?: OrganiseWords;
      /** Of the page about one day of a member only. */
      reasonsWords?: ReasonsWords;
      /** Of the statistics only. */
      statisticsWords?: StatisticsWords;
      /** Of profiles, what is shared of them, and wrap-ups only. */
      profileWords?: ProfileWords;
      /** Of the pages about messages only. */
      messagesWords?: MessagesWords;
      theme: Theme;
      caller: CallerView | null;
      /** Nothing the page shows is older than this place in the feed of changes. */
      moment: string | null;
      /** null while the API cannot say. */
      status: StatusView | null;
      challenges: ChallengeView[] | null;
    }
    interface Platform {
      /** The request as our own server hands it over: `almanac` answers API requests without leaving the process. */
      req: IncomingMessage & { almanac?: { fetch(request: Request): Response | Promise<Response> } };
    }
  }
  /** `date`: the calendar has no such day; `book`: there is nothing yet that days and members could stand in. */
  type Missing = 'day' | 'date' | 'member' | 'challenge' | 'book';
}

export {};
