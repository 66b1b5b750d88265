import type { Formats } from '#lib/i18n/formats.ts';
import type { ProfileWords } from '#lib/i18n/profile.ko.ts';
import type { Finding } from '../../../../server/api/community-views.ts';

type Said = { words: ProfileWords['feedback']; formats: Pick<Formats, 'number' | 'weekday'> };

/** A finding as a sentence of the reader's language. */
export function feedbackSentence(finding: Finding, { words, formats }: Said): string {
  const n = (value: number) => formats.number(value);
  switch (finding.kind) {
    case 'week':
      return [words.week(n(finding.attended), n(finding.countable)), changeOf(finding, words, n)]
        .filter(Boolean)
        .join(' ');
    case 'missed-weekday': {
      const weekday = formats.weekday(finding.weekday, 'long');
      return words['missed-weekday'](weekday, n(finding.missed), n(finding.of));
    }
    case 'to-best':
      return words['to-best'](n(finding.days), n(finding.best));
    case 'hours':
      return words.hours(n(finding.from), n((finding.from + 3) % 24), n(finding.share));
    default:
      return words[finding.kind](n(finding.days));
  }
}

function changeOf(
  { before, change }: Extract<Finding, { kind: 'week' }>,
  words: ProfileWords['feedback'],
  n: (value: number) => string,
): string {
  if (before === null) return '';
  if (change === 0) return words.same;
  return change > 0 ? words.better(n(change)) : words.worse(n(-change));
}
