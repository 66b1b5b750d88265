import { describe, expect, test, vi } from 'vitest';
import type { Job } from '../../server/schedule/job.ts';
import { JobRefused } from '../../server/schedule/job-refused.ts';
import { endless, HOUR, hourly, ScheduleRig } from '../support/schedule-rig.ts';

const MINUTE = 60_000;
/** Memory logs begin now; what is tested falls due later. */
const T0 = '2027-03-10T12:30:00Z';

describe('a job that is due', () => {
  test('runs once, and says what came of it', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const server = rig.server([hourly()]);
    for (let looks = 0; looks < 3; looks += 1) await rig.turn(server);
    expect(await rig.said()).toEqual(['JobStarted 2027-03-10T12 server-1', 'JobFinished 2027-03-10T12 done']);
    rig.pass(HOUR);
    await rig.turn(server);
    expect((await rig.said()).at(-2)).toBe('JobStarted 2027-03-10T13 server-1');
  });

  test('runs once on ten servers that start at once', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const runs: string[] = [];
    const job = hourly({
      run: ({ slot }) => {
        runs.push(slot);
        return Promise.resolve('done');
      },
    });
    const servers = Array.from({ length: 10 }, () => rig.server([job]));
    await Promise.all(servers.map((server) => server.look()));
    await rig.turn(...servers);
    expect(runs).toEqual(['2027-03-10T12']);
    expect((await rig.said()).filter((line) => line.startsWith('JobStarted'))).toHaveLength(1);
  });

  test('of before there was a log is nobody’s to make up for', async () => {
    await using rig = new ScheduleRig('2027-03-10T12:30:00Z');
    const server = rig.server([hourly()]);
    await rig.turn(server);
    expect(await rig.said()).toEqual([]);
    rig.pass(HOUR);
    await rig.turn(server);
    expect(await rig.said()).toHaveLength(2);
  });

  test('of a season is in a slot of its own', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const seen: object[] = [];
    const reminder = (id: string, zone: string): Job => ({
      ...hourly({ name: 'reminder', schedule: { kind: 'daily', at: '22:00', zone } }),
      challenge: { id, title: id },
      run: async (slot) => {
        seen.push(slot);
        return 'done';
      },
    });
    const jobs = [reminder('seoul_1', 'Asia/Seoul'), reminder('berlin', 'Europe/Berlin')];
    await rig.turn(rig.server(jobs));
    expect(seen).toEqual([
      { slot: '2027-03-09_seoul_1', period: '2027-03-09' },
      { slot: '2027-03-09_berlin', period: '2027-03-09' },
    ]);
  });

  test('does not run for a period that matters no more', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    await rig.turn(rig.server([hourly({ matters: (period) => period !== '2027-03-10T12' })]));
    expect(await rig.said()).toEqual([]);
  });

  test('may be there from one look to the next, and gone again', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    let jobs: Job[] = [];
    const server = rig.server(() => jobs);
    await rig.turn(server);
    jobs = [hourly()];
    await rig.turn(server);
    expect(await rig.said()).toHaveLength(2);
  });
});

describe('a clock that is set', () => {
  test.each([HOUR, -HOUR])('by %d ms runs nothing twice and leaves nothing out', async (shift) => {
    await using rig = await new ScheduleRig(T0).begin();
    const server = rig.server([hourly({ catchUp: { periods: 'each', within: 6 * HOUR } })]);
    for (let quarter = 0; quarter < 40; quarter += 1) {
      rig.pass(HOUR / 4);
      if (quarter === 14) rig.now += shift;
      if (quarter === 25) rig.now -= shift;
      await rig.turn(server);
    }
    const finished = (await rig.said())
      .filter((line) => line.startsWith('JobFinished'))
      .map((line) => line.slice(12, 25));
    expect(new Set(finished).size).toBe(finished.length);
    for (let hour = 12; hour <= 22; hour += 1) expect(finished).toContain(`2027-03-10T${hour}`);
  });

  test('does not make a run look dead that is alive', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const [one, two] = [rig.server([hourly({ run })]), rig.server([hourly({ run })])];
    await one.look();
    rig.now += HOUR - 35 * MINUTE;
    await two.look();
    rig.now += 24 * HOUR;
    await two.look();
    expect(running).toHaveLength(1);
  });
});

describe('down for 36 hours', () => {
  const jobs = (seen: string[]): Job[] => {
    const noting = (name: string, change: Partial<Job>): Job => ({
      ...hourly({ name, ...change }),
      run: async ({ slot }) => {
        seen.push(`${name} ${slot}`);
        return 'done';
      },
    });
    return [
      noting('last', { catchUp: { periods: 'last', within: 48 * HOUR } }),
      noting('each', {
        schedule: { kind: 'daily', at: '06:00', zone: 'Asia/Seoul' },
        catchUp: { periods: 'each', within: 72 * HOUR },
      }),
      noting('none', { catchUp: { periods: 'none', within: 10 * MINUTE } }),
    ];
  };

  test('each period that still matters is made up for once, the oldest first', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const seen: string[] = [];
    const before = rig.server(jobs(seen));
    for (let look = 0; look < 4; look += 1) await rig.turn(before);
    await before.stop();
    seen.length = 0;
    rig.pass(36 * HOUR);
    const after = rig.server(jobs(seen));
    for (let look = 0; look < 6; look += 1) await rig.turn(after);
    expect(seen).toEqual(['last 2027-03-12T00', 'each 2027-03-11', 'each 2027-03-12']);
  });
});

describe('a job that runs', () => {
  test('is not begun a second time, here or elsewhere, be the next period due', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const [one, two] = [rig.server([hourly({ run })]), rig.server([hourly({ run })], { underWay: () => [] })];
    await one.look();
    rig.pass(HOUR);
    await one.look();
    await two.look();
    expect(running).toHaveLength(1);
    running[0]?.end('done');
    await rig.turn(one);
    await two.look();
    expect(running.map(({ slot }) => slot)).toEqual(['2027-03-10T12', '2027-03-10T13']);
  });

  test('says that it goes on, so that nobody takes it over', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const lease = { beat: 5, silence: 60_000 };
    const [one, two] = [rig.server([hourly({ run })], { lease }), rig.server([hourly({ run })], { lease })];
    await one.look();
    for (let look = 0; look < 5; look += 1) {
      rig.ticking += 59_000;
      const beats = async () => (await Array.fromAsync(rig.store.readAll())).flat().length;
      const before = await beats();
      await vi.waitFor(async () => expect(await beats()).toBeGreaterThan(before));
      await two.look();
    }
    expect(running).toHaveLength(1);
  });

  test('shows how far it is', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const job = hourly({
      run: (_slot, signal, onProgress) => {
        onProgress({ done: 3, total: 7 });
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      },
    });
    const server = rig.server([job]);
    await server.look();
    expect(server.runs).toMatchObject([
      { name: 'toil', slot: { slot: '2027-03-10T12' }, progress: { done: 3, total: 7 } },
    ]);
  });
});

describe('a server that dies', () => {
  test('leaves its run to another one that hears nothing of it', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const [dead, other] = [rig.server([hourly({ run })]), rig.server([hourly()])];
    await dead.look();
    await other.look();
    rig.pass(99_000);
    await rig.turn(other);
    expect(await rig.said()).toHaveLength(1);
    rig.pass(2_000);
    await rig.turn(other);
    expect(await rig.said()).toEqual([
      'JobStarted 2027-03-10T12 server-1',
      'JobStarted 2027-03-10T12 server-2',
      'JobFinished 2027-03-10T12 done',
    ]);
    running[0]?.end('too late');
    await rig.turn(dead);
    expect(await rig.said()).toHaveLength(3);
  });

  test('is taken over at once where there is one server only', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run } = endless();
    await rig.server([hourly({ run })], { alone: true }).look();
    await rig.turn(rig.server([hourly()], { alone: true }));
    expect((await rig.said()).slice(1)).toEqual([
      'JobStarted 2027-03-10T12 server-2',
      'JobFinished 2027-03-10T12 done',
    ]);
  });

  test('again and again in the same run has it begun by a server that has been up for a while', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const begun = async () => (await rig.said()).filter((line) => line.startsWith('JobStarted')).length;
    const last = async (up: number) => {
      const server = rig.server([hourly({ run: endless().run })], { alone: true });
      rig.ticking += up;
      await server.look();
      return begun();
    };
    for (let death = 1; death <= 6; death += 1) expect(await last(0)).toBe(death);
    expect(await last(19_000)).toBe(6);
    expect(await last(20_000)).toBe(7);
    expect(await last(39_000)).toBe(7);
    expect(await last(40_000)).toBe(8);
    rig.ticking += 24 * HOUR;
    const server = rig.server([hourly()], { alone: true });
    rig.ticking += HOUR;
    await rig.turn(server);
    expect((await rig.said()).at(-1)).toBe('JobFinished 2027-03-10T12 done');
  });

  test('while a later period is due leaves a run that is said to have failed', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    await rig.server([hourly({ run: endless().run })]).look();
    rig.pass(HOUR);
    const other = rig.server([hourly()]);
    await rig.turn(other);
    rig.pass(2 * MINUTE);
    await rig.turn(other);
    expect((await rig.said()).slice(1)).toEqual([
      'JobFailed 2027-03-10T12 The server that ran it is gone.',
      'JobStarted 2027-03-10T13 server-2',
      'JobFinished 2027-03-10T13 done',
    ]);
  });
});

describe('a job that fails', () => {
  test('is tried again after a while that grows, then given up', async () => {
    await using rig = await new ScheduleRig('2027-03-10T00:30:00Z').begin();
    const tries: number[] = [];
    const job = hourly({
      schedule: { kind: 'daily', at: '00:00', zone: 'UTC' },
      run: () => {
        tries.push(rig.now);
        return Promise.reject(new Error('no network'));
      },
    });
    const server = rig.server([job]);
    for (let minute = 0; minute < 180; minute += 1) {
      await rig.turn(server);
      rig.pass(MINUTE);
    }
    const waits = tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / MINUTE);
    expect(waits).toEqual([1, 2, 3, 6]);
    expect((await rig.said()).at(-1)).toBe('JobFailed 2027-03-10 no network');
  });

  test('says nothing secret', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const job = hourly({ run: () => Promise.reject(new Error('https://me:secret@example.org said no')) });
    await rig.turn(rig.server([job]));
    expect((await rig.said()).at(-1)).toBe('JobFailed 2027-03-10T12 https://***@example.org said no');
  });

  test('makes way for the next period', async () => {
    await using rig = await new ScheduleRig('2027-03-10T12:58:00Z').begin();
    let isBroken = true;
    const run: Job['run'] = async ({ slot }) => {
      if (isBroken) throw new Error('no network');
      return slot;
    };
    const server = rig.server([hourly({ run })]);
    await rig.turn(server);
    isBroken = false;
    rig.pass(3 * MINUTE);
    await rig.turn(server);
    rig.pass(3 * MINUTE);
    await rig.turn(server);
    expect((await rig.said()).slice(2)).toEqual([
      'JobStarted 2027-03-10T13 server-1',
      'JobFinished 2027-03-10T13 2027-03-10T13',
    ]);
  });
});

describe('a server that is stopped', () => {
  test('stops what it runs, which the next start takes up, without having used up an attempt', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    for (let start = 0; start < 7; start += 1) {
      const { run, running } = endless();
      const server = rig.server([hourly({ run })]);
      await server.look();
      expect(running).toHaveLength(1);
      await server.stop();
      expect(running[0]?.signal.aborted).toBe(true);
      expect((await rig.said()).at(-1)).toBe('JobFailed 2027-03-10T12 The server was stopped.');
    }
    await rig.turn(rig.server([hourly()]));
    expect((await rig.said()).at(-1)).toBe('JobFinished 2027-03-10T12 done');
  });
});

describe('a store that is away', () => {
  test('when a job falls due, is waited for', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const server = rig.server([hourly()]);
    rig.away = true;
    await expect(server.look()).rejects.toThrow('away');
    rig.away = false;
    await rig.turn(server);
    expect(await rig.said()).toHaveLength(2);
  });

  test('when a run ends, is told as soon as it is back', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const server = rig.server([hourly({ run })]);
    await server.look();
    rig.away = true;
    running[0]?.end('all collected');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await rig.said()).toHaveLength(1);
    rig.away = false;
    await vi.waitFor(
      async () => expect((await rig.said()).at(-1)).toBe('JobFinished 2027-03-10T12 all collected'),
      5_000,
    );
  });

  test('is told once, not at each look', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    rig.away = true;
    rig.server([hourly()]).start();
    await vi.waitFor(() => expect(rig.log.lines).toHaveLength(1));
    expect(rig.log.lines[0]).toMatchObject({ level: 'warn', message: expect.stringMatching(/away/) });
  });
});

describe('asked for', () => {
  test('a job runs once more, in a slot of its own, for the present period', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const seen: object[] = [];
    const server = rig.server([
      hourly({
        run: async (slot) => {
          seen.push(slot);
          return 'done';
        },
      }),
    ]);
    await rig.turn(server);
    const slot = await server.runNow('toil', undefined, 'local');
    await rig.turn(server);
    expect(slot).toBe('now-2027-03-10T12:30:00.000Z');
    expect(seen).toEqual([
      { slot: '2027-03-10T12', period: '2027-03-10T12' },
      { slot, period: '2027-03-10T12' },
    ]);
    const [event] = await rig.store.readStream(`job-toil-${slot}`);
    expect(event?.data).toMatchObject({ askedBy: 'local', by: 'server-1' });
  });

  test('a job that runs is refused, here and elsewhere', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const { run, running } = endless();
    const [one, two] = [rig.server([hourly({ run })]), rig.server([hourly({ run })])];
    const asked = [one.runNow('toil', undefined, 'local'), one.runNow('toil', undefined, 'local')];
    expect((await Promise.allSettled(asked)).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const server of [one, two])
      await expect(server.runNow('toil', undefined, 'local')).rejects.toMatchObject({ reason: 'running' });
    expect(running).toHaveLength(1);
  });

  test('what is no job is refused', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    const server = rig.server([hourly()]);
    await expect(server.runNow('toils', undefined, 'local')).rejects.toThrow(JobRefused);
    await expect(server.runNow('toil', 'gardeners', 'local')).rejects.toMatchObject({ reason: 'unknown' });
  });

  test('a slot that was given up is run again; one that has not failed is not', async () => {
    await using rig = await new ScheduleRig(T0).begin();
    let isBroken = true;
    const run: Job['run'] = async () => {
      if (isBroken) throw new Error('no network');
      return 'done';
    };
    const server = rig.server([hourly({ run })]);
    for (let minute = 0; minute < 29; minute += 1) {
      await rig.turn(server);
      rig.pass(MINUTE);
    }
    expect((await rig.said()).filter((line) => line.startsWith('JobFailed'))).toHaveLength(5);
    isBroken = false;
    await server.retry('toil', '2027-03-10T12', 'local');
    await Promise.all(server.runs.map(({ ended }) => ended));
    expect((await rig.said()).at(-1)).toBe('JobFinished 2027-03-10T12 done');
    await expect(server.retry('toil', '2027-03-10T12', 'local')).rejects.toMatchObject({ reason: 'not failed' });
  });
});

test('started, it goes on where it cannot be known which jobs there are', async () => {
  await using rig = await new ScheduleRig(T0).begin();
  const server = rig.server(() => {
    throw new Error('The read model is being built.');
  });
  server.start();
  await vi.waitFor(() => expect(rig.log.lines).toMatchObject([{ level: 'error' }]));
  await server.stop();
});

test('started, it goes on where that cannot be known any more once it has looked', async () => {
  await using rig = await new ScheduleRig(T0).begin();
  let asked = 0;
  const server = rig.server(() => {
    asked += 1;
    if (asked > 1) throw new Error('The read model is being built.');
    return [];
  });
  server.start();
  await vi.waitFor(() => expect(rig.log.lines).toMatchObject([{ level: 'error' }]));
  await server.stop();
});

test('started, it looks by itself', async () => {
  await using rig = await new ScheduleRig(T0).begin();
  rig.server([hourly()]).start();
  await vi.waitFor(async () => expect(await rig.said()).toHaveLength(2));
});
