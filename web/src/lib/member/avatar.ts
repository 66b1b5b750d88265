/** Eight quiet colours a member may have. */
const HUES = 8;

/** The same handle has the same colour everywhere (FNV-1a). */
export function hueOf(handle: string): number {
  let hash = 0x811c9dc5;
  for (const letter of handle) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % HUES;
}

const isHangul = (text: string) => /^[가-힣]+$/.test(text);

/** Korean given name (김하늘: 하늘), else the first letters of the first and last word (María González: MG). */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const [first = '?'] = words;
  if (words.length === 1 && isHangul(first) && first.length <= 4) return first.slice(-2);
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  const letters = [...first].slice(0, last === '' ? 2 : 1).join('') + ([...last][0] ?? '');
  return letters.toUpperCase();
}
