import { Command } from 'commander';
import { isDay } from '../../domain/calendar.ts';
import type { BookView, DayState, DayView } from '../api/views.ts';
import { CommandFailed, type CommandKit, flagsSettledByServer, print, printJson } from './command.ts';
import { connect } from './connect.ts';

const SIGNS: Record<DayState, string> = {
  present: '🌱',
  absent: '💤',
  excused: '🍵',
  'not yet': '⏳',
  unknown: '❔',
  outside: '  ',
};
const percent = (rate: number | null) => (rate === null ? '–' : `${rate}%`).padStart(4);

export const attendanceCommand = ({ withSettings, settingsOf, version }: CommandKit): Command =>
  withSettings(new Command('attendance'))
    .description('Show the attendance book, or one day of it.')
    .option('--date <day>', 'only this day, YYYY-MM-DD')
    .option('--challenge <id>', 'a challenge other than that of the repositories given')
    .option('--json', 'print the answer as JSON')
    .action(async (options: { date?: string; challenge?: string; json?: true }, command: Command) => {
      const { date } = options;
      if (date !== undefined && !isDay(date))
        throw new CommandFailed(`--date is "${date}": expected a day that exists, as YYYY-MM-DD.`);
      await using almanac = await connect(
        settingsOf(command, { logLevel: 'warn' }),
        version,
        flagsSettledByServer(command),
      );
      if (!almanac.running) await almanac.client.status.collectNow.mutate();
      const challenge = options.challenge === undefined ? {} : { challenge: options.challenge };
      if (date !== undefined) {
        const day = await almanac.client.attendance.day.query({ ...challenge, date });
        return options.json ? printJson(day) : printDay(day);
      }
      const book = await almanac.client.attendance.book.query(challenge);
      if (!book)
        throw new CommandFailed('There is no attendance book yet: stand in a git repository or give --repo PATH.');
      return options.json ? printJson(book) : printBook(book);
    });

function printDay({ date, present, countable, rate, members }: DayView) {
  print(`${date}  ${present} of ${countable} (${percent(rate).trim()})`);
  for (const { state, name, handle, commitCount, commits } of members) {
    const counted = commitCount > 0 ? `, ${commitCount} ${commitCount === 1 ? 'commit' : 'commits'}` : '';
    print(`${SIGNS[state]} ${name} (${handle}), ${state}${counted}`);
    for (const { time, content } of commits)
      print(`     ${time} ${content ? `${content.sha.slice(0, 7)} ${content.subject}` : '(private)'}`);
    if (commitCount > commits.length) print(`     and ${commitCount - commits.length} more`);
  }
}

function printBook({ challenge, today, totals, todayCounts, members, sources }: BookView) {
  print(`${challenge.title}: ${challenge.start} to ${challenge.end}, day ${challenge.elapsed} of ${challenge.days}`);
  const ended = challenge.end < today;
  const now = ended
    ? `ended on ${challenge.end}`
    : `${today}: ${todayCounts.present} present, ${todayCounts.notYet} not yet, ${todayCounts.unknown} unknown`;
  print(`${now}; rate ${percent(totals.rate).trim()}`);
  for (const { name, failure } of sources)
    if (failure) print(`! ${name} cannot be read since ${failure.since}: ${failure.message}`);
  print('rank  rate  streak longest  member');
  for (const member of members) {
    const current = String(member.currentStreak?.days ?? 0).padStart(6);
    const longest = String(member.longestStreak?.days ?? 0).padStart(7);
    print(
      `${String(member.rank).padStart(4)}  ${percent(member.rate)}  ${current} ${longest}  ${SIGNS[member.today]} ${member.name} (${member.handle})`,
    );
  }
}
