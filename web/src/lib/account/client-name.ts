export type ClientName = { browser: string | null; system: string | null };

type Names = readonly (readonly [RegExp, string])[];

/** Of those that name themselves and others, too, the one that means itself comes first. */
const BROWSERS: Names = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPT|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bWhale\//, 'Whale'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chromium)\//, 'Chromium'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
];
const SYSTEMS: Names = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/**
 * What a person calls the program that calls itself so: the `User-Agent` of a session's beginning. It names no versions: browsers
 * freeze those of the system, and nobody recognises their own by them. null: not one of the common ones.
 */
export function clientName(userAgent: string): ClientName {
  const of = (names: Names) => names.find(([sign]) => sign.test(userAgent))?.[1] ?? null;
  return { browser: of(BROWSERS), system: of(SYSTEMS) };
}
