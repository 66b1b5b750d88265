import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Pretendard's own OpenType files: what is drawn looks the same on every machine, and needs no network. */
export const fontFiles = (): string[] =>
  ['Regular', 'SemiBold', 'Bold'].map((weight) =>
    require.resolve(`pretendard/dist/public/static/Pretendard-${weight}.otf`),
  );

/** A text without what the fonts cannot draw and pictures would show as boxes: emoji, and what joins them. */
export const drawable = (text: string): string =>
  text
    .replace(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0e|\ufe0f|\u20e3/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
