/** `system`: light or dark as the reader's device is set. */
export const themes = ['light', 'dark', 'system'] as const;
export type Theme = (typeof themes)[number];

export const THEME_COOKIE = 'almanac-theme';

export const chooseTheme = (choice: string | undefined): Theme => themes.find((theme) => theme === choice) ?? 'system';
