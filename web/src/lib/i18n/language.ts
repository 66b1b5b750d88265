/** The languages the dashboard speaks, the first one where a reader names none. */
export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];

/** The cookies the choices of a reader are kept in, for a year. */
export const LANGUAGE_COOKIE = 'almanac-language';

const isLanguage = (text: string | undefined): text is Language => languages.some((language) => language === text);

/**
 * The reader's own choice, else what their browser prefers (RFC 9110, 12.5.4).
 * A browser that names only other languages gets English, a client that names none gets Korean.
 */
export function chooseLanguage(choice: string | undefined, acceptLanguage: string | null): Language {
  if (isLanguage(choice)) return choice;
  if (!acceptLanguage?.trim()) return 'ko';
  const preferred = acceptLanguage
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const weight = parameters.find((parameter) => parameter.trim().startsWith('q='));
      return { language: tag.split('-')[0], weight: weight ? Number(weight.trim().slice(2)) : 1 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return preferred.map(({ language }) => language).find(isLanguage) ?? 'en';
}
