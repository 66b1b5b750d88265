/** First and last byte pairs: KS X 1001 has both bytes from A1 to FE; windows-949 puts the syllables it lacks around that. */
const LOWEST = 0xa1;
const HIGHEST = 0xfe;
const SYLLABLES = { first: 0xac00, last: 0xd7a3 };

let table: ReadonlyMap<number, string> | undefined;

/**
 * Korean text of Windows (Unified Hangul Code), the superset of EUC-KR that editors wrote; null where the bytes are no such text.
 * Node's own decoder knows EUC-KR alone and takes the rest for control characters.
 */
export function decodeWindows949(bytes: Uint8Array): string | null {
  table ??= pairTable();
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    at += 1;
    const character = table.get(lead * 256 + (bytes[at] ?? 0));
    if (character === undefined) return null;
    text += character;
  }
  return text;
}

/** What KS X 1001 lacks of the 11,172 syllables stands in their order where KS X 1001 has no pairs. */
function pairTable(): Map<number, string> {
  // Added to the standard in 1998.
  const pairs = new Map([
    [0xa2e6, '€'],
    [0xa2e7, '®'],
  ]);
  const standard = new TextDecoder('euc-kr');
  const known = new Set<string>();
  for (let lead = LOWEST; lead <= HIGHEST; lead += 1)
    for (let trail = LOWEST; trail <= HIGHEST; trail += 1) {
      const character = standard.decode(Uint8Array.of(lead, trail));
      if (character.length !== 1 || character === '\ufffd') continue;
      pairs.set(lead * 256 + trail, character);
      known.add(character);
    }
  const places = extendedPlaces();
  for (let code = SYLLABLES.first; code <= SYLLABLES.last; code += 1) {
    const syllable = String.fromCharCode(code);
    if (known.has(syllable)) continue;
    const place = places.next().value;
    if (place !== undefined) pairs.set(place, syllable);
  }
  return pairs;
}

function* extendedPlaces(): Generator<number, undefined> {
  for (let lead = 0x81; lead <= 0xc6; lead += 1) {
    const last = lead < LOWEST ? HIGHEST : 0xa0;
    for (let trail = 0x41; trail <= last; trail += 1)
      if (trail <= 0x5a || (trail >= 0x61 && trail <= 0x7a) || trail >= 0x81) yield lead * 256 + trail;
  }
  return undefined;
}
