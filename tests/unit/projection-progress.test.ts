import { describe, expect, test } from 'vitest';
import { progressLine, ProgressDisplay, timeLeft, type Progress } from '../../server/cli/progress.ts';

const progress = (change: Partial<Progress> = {}): Progress => ({
  name: 'members',
  done: 250_000,
  total: 1_000_000,
  ratePerSecond: 300_000,
  ...change,
});

class Terminal {
  text = '';
  readonly isTTY: boolean;
  columns = 120;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string) {
    this.text += text;
  }
}

describe('progress', () => {
  test('names share, rate and time left', () => {
    expect(progressLine(progress())).toBe(
      'members ██████░░░░░░░░░░░░░░░░░░ 25%  250,000 of 1,000,000  300,000/s  3 s left',
    );
    expect(progressLine(progress({ done: 0, total: 0, ratePerSecond: 0 }))).toContain('  0%  0 of 0  0/s  – left');
  });

  test('time left is told in seconds, then in minutes', () => {
    expect(timeLeft(progress({ ratePerSecond: 10_000 }))).toBe('75 s');
    expect(timeLeft(progress({ ratePerSecond: 1_000 }))).toBe('13 min');
  });

  test('a terminal line is written over and taken away in the end', () => {
    const terminal = new Terminal(true);
    const display = new ProgressDisplay(terminal, () => 0);
    display.report(progress());
    display.report(progress({ done: 500_000 }));
    display.end();
    expect(terminal.text.split('\r').map((line) => line.replace('\x1b[K', ''))).toEqual([
      '',
      expect.stringContaining('25%'),
      expect.stringContaining('50%'),
      '',
    ]);
    expect(terminal.text).not.toContain('\n');
  });

  test('a narrow terminal is not wrapped', () => {
    const terminal = new Terminal(true);
    terminal.columns = 20;
    new ProgressDisplay(terminal, () => 0).report(progress());
    expect(terminal.text.replace('\r\x1b[K', '')).toHaveLength(19);
  });

  test('elsewhere a line now and then', () => {
    const file = new Terminal(false);
    let now = 0;
    const display = new ProgressDisplay(file, () => now);
    for (; now < 5_000; now += 100) display.report(progress());
    expect(file.text.split('\n')).toHaveLength(4);
    expect(file.text).not.toContain('\x1b');
  });

  test('of several works the one least far is shown', () => {
    const file = new Terminal(false);
    let now = 0;
    const display = new ProgressDisplay(file, () => now);
    display.report(progress({ name: 'slow', done: 100_000 }));
    now = 10_000;
    display.report(progress({ name: 'fast', done: 900_000 }));
    expect(file.text.trim().split('\n')[1]).toMatch(/^2 read models .* 10% /);
  });
});
