const RIEUL = 8;
/** Of 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구. */
const CLOSING_OF_DIGITS = [21, RIEUL, 0, 16, 0, 0, 1, RIEUL, RIEUL, 0];

/** The closing consonant of what is said last, by its place in Unicode's order (0: none); -1 where that is neither Hangul nor a digit. */
function closing(quoted: string): number {
  const last = quoted.replace(/’$/, '').at(-1) ?? '';
  if (/[0-9]/.test(last)) return CLOSING_OF_DIGITS[Number(last)] ?? -1;
  const code = last.charCodeAt(0) - 0xac00;
  return code >= 0 && code < 11_172 ? code % 28 : -1;
}

/** A word with the particle that its ending asks for; a foreign word takes the form for vowels. */
const either = (consonant: string, vowel: string) => (word: string) => word + (closing(word) > 0 ? consonant : vowel);

export const asSubject = either('이', '가');
export const asObject = either('을', '를');
/** 관리자로, 출석으로, 일로 */
export const asRole = (word: string): string => word + (closing(word) > 0 && closing(word) !== RIEUL ? '으로' : '로');
