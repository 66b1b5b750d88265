/** One measured figure, and whether it keeps its target. */
export type Figure = { name: string; value: number; unit: string; target: string; ok: boolean };

/** The figures as a table on stdout; the exit code says whether all keep their targets. */
export function printFigures(figures: readonly Figure[]): void {
  for (const { name, value, unit, target, ok } of figures) {
    const number = value >= 100 ? value.toFixed(0) : value.toFixed(1);
    console.log(`${ok ? '✓' : '✗'} ${name.padEnd(48)} ${number.padStart(9)} ${unit.padEnd(8)} ${target}`);
  }
  if (figures.some(({ ok }) => !ok)) process.exitCode = 1;
}
