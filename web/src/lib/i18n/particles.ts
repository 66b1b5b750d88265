/** The last letter's closing consonant, by its place in Unicode's order (0: none); -1 where the word does not end in Hangul. */
function closing(word: string): number {
  const code = (word.at(-1)?.charCodeAt(0) ?? 0) - 0xac00;
  return code >= 0 && code < 11_172 ? code % 28 : -1;
}
const RIEUL = 8;

/** A word with the particle that its ending asks for; a foreign word takes the form for vowels. */
const either = (consonant: string, vowel: string) => (word: string) => word + (closing(word) > 0 ? consonant : vowel);

export const asSubject = either('이', '가');
export const asObject = either('을', '를');
/** 관리자로, 출석으로, 일로 */
export const asRole = (word: string): string => word + (closing(word) > 0 && closing(word) !== RIEUL ? '으로' : '로');
